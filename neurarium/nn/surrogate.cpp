#include "neurarium/nn/surrogate.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "neurarium/kernels/surrogate.hpp"

namespace neurarium {
namespace {

using kernels::SurrogateKind;

template <SurrogateKind kind>
struct Named {};

/// What the kinds are called, what their one number is called, and the primitive at scale 1.
template <>
struct Named<SurrogateKind::sigmoid> {
  static constexpr const char *type = "sigmoid", *key = "beta", *doc = "β σ(βx) (1 − σ(βx)).";
  static constexpr double usual = 5;
  static double soft(double x, double beta) { return 1 / (1 + std::exp(-beta * x)); }
};
template <>
struct Named<SurrogateKind::fast_sigmoid> {
  static constexpr const char *type = "fast_sigmoid", *key = "beta", *doc = "1 / (1 + β|x|)²: SuperSpike.";
  static constexpr double usual = 10;
  static double soft(double x, double beta) { return 0.5 + x / (1 + beta * std::abs(x)); }
};
template <>
struct Named<SurrogateKind::arctan> {
  static constexpr const char *type = "arctan", *key = "alpha", *doc = "(α/2) / (1 + (παx/2)²).";
  static constexpr double usual = 2;
  static double soft(double x, double alpha) {
    return 0.5 + std::atan(std::numbers::pi * alpha * x / 2) / std::numbers::pi;
  }
};
template <>
struct Named<SurrogateKind::triangle> {
  static constexpr const char *type = "triangle", *key = "width", *doc = "max(0, 1 − |x|/w) / w.";
  static constexpr double usual = 1;
  static double soft(double x, double width) {
    const double y = std::clamp(x / width, -1., 1.);
    return 0.5 + y - std::copysign(y * y / 2, y);
  }
};
template <>
struct Named<SurrogateKind::rectangle> {
  static constexpr const char *type = "rectangle", *key = "width", *doc = "1/w where |x| < w/2.";
  static constexpr double usual = 1;
  static double soft(double x, double width) { return 0.5 + std::clamp(x / width, -0.5, 0.5); }
};
template <>
struct Named<SurrogateKind::gaussian> {
  static constexpr const char *type = "gaussian", *key = "sd", *doc = "The density of N(0, σ²).";
  static constexpr double usual = 0.4;
  static double soft(double x, double sd) { return 0.5 * std::erfc(-x / (sd * std::numbers::sqrt2)); }
};

template <SurrogateKind kind>
struct Params {
  double sharpness = Named<kind>::usual;
  double scale = 1;
  static Schema fields() {
    return Schema::of<Params>({
        field(Named<kind>::key, &Params::sharpness, "How sharp it is (equation in nn/surrogate.hpp).").positive(),
        field("scale", &Params::scale, "Factor on the slope.").positive(),
    });
  }
};
struct StraightParams {
  double scale = 1;
  static Schema fields() {
    return Schema::of<StraightParams>({field("scale", &StraightParams::scale, "The slope.").positive()});
  }
};

template <class T>
class Formula : public Surrogate<T> {
 public:
  Formula(SurrogateKind kind, double sharpness, double scale, double (*primitive)(double, double))
      : kind_(kind), sharpness_(sharpness), scale_(scale), soft_(primitive) {}
  std::optional<kernels::SurrogateCurve<T>> curve() const override {
    return kernels::SurrogateCurve<T>{kind_, static_cast<T>(sharpness_), static_cast<T>(scale_)};
  }
  void slopes(std::span<const T> x, std::span<T> slope) const override {
    kernels::surrogate_slopes<T>(*curve(), x, slope);
  }
  T soft(T x) const override { return static_cast<T>(scale_ * soft_(static_cast<double>(x), sharpness_)); }

 private:
  SurrogateKind kind_;
  double sharpness_, scale_;
  double (*soft_)(double, double);
};

struct TableParams {
  std::vector<double> x = {-1, 0, 1};
  std::vector<double> slope = {0, 1, 0};
  static Schema fields() {
    return Schema::of<TableParams>({
        field("x", &TableParams::x, "Where the slopes are, rising."),
        field("slope", &TableParams::slope, "Slopes there; straight lines between them, 0 beyond."),
    });
  }
};

template <class T>
class Table : public Surrogate<T> {
 public:
  explicit Table(const TableParams& params) : params_(params), sums_(params.x.size()) {
    const auto& [x, slope] = params_;
    if (x.size() < 2 || slope.size() != x.size())
      throw SpecError(
          "surrogate.slope: " + std::to_string(slope.size()) + " slopes for " + std::to_string(x.size()) + " places",
          "give two or more of each, as many slopes as places");
    for (std::size_t i = 0; i < x.size(); ++i)
      if (!std::isfinite(x[i]) || !std::isfinite(slope[i]) || slope[i] < 0 || (i > 0 && !(x[i] > x[i - 1])))
        throw SpecError(
            "surrogate: point " + std::to_string(i) + " of the table is out of order, below 0 or not finite",
            "give rising x and slopes of at least 0");
    for (std::size_t i = 1; i < x.size(); ++i)
      sums_[i] = sums_[i - 1] + (x[i] - x[i - 1]) * (slope[i] + slope[i - 1]) / 2;
  }
  void slopes(std::span<const T> x, std::span<T> slope) const override {
    for (std::size_t i = 0; i < x.size(); ++i) slope[i] = static_cast<T>(look_up(static_cast<double>(x[i])).slope);
  }
  T soft(T x) const override { return static_cast<T>(0.5 + look_up(static_cast<double>(x)).sum - look_up(0).sum); }

 private:
  struct Found {
    double slope, sum;
  };
  Found look_up(double at) const {
    const auto& [x, slope] = params_;
    if (std::isnan(at)) return {at, at};
    if (at <= x.front()) return {at == x.front() ? slope.front() : 0, 0};
    if (at >= x.back()) return {at == x.back() ? slope.back() : 0, sums_.back()};
    const auto i = static_cast<std::size_t>(std::ranges::upper_bound(x, at) - x.begin());
    const double share = (at - x[i - 1]) / (x[i] - x[i - 1]), here = slope[i - 1] + share * (slope[i] - slope[i - 1]);
    return {here, sums_[i - 1] + (at - x[i - 1]) * (slope[i - 1] + here) / 2};
  }
  TableParams params_;
  std::vector<double> sums_;
};

template <SurrogateKind kind>
void add(Registry& registry) {
  const auto make = []<class T>(const Params<kind>& p) {
    return std::make_unique<Formula<T>>(kind, p.sharpness, p.scale, &Named<kind>::soft);
  };
  registry.add<Params<kind>>("surrogate", Named<kind>::type, Named<kind>::doc)
      .template makes<Surrogate<float>>([=](const Params<kind>& p) { return make.template operator()<float>(p); })
      .template makes<Surrogate<double>>([=](const Params<kind>& p) { return make.template operator()<double>(p); });
}

}  // namespace

void register_surrogates(Registry& registry) {
  add<SurrogateKind::sigmoid>(registry);
  add<SurrogateKind::fast_sigmoid>(registry);
  add<SurrogateKind::arctan>(registry);
  add<SurrogateKind::triangle>(registry);
  add<SurrogateKind::rectangle>(registry);
  add<SurrogateKind::gaussian>(registry);
  const auto straight = []<class T>(const StraightParams& p) {
    return std::make_unique<Formula<T>>(SurrogateKind::straight, 1, p.scale, [](double x, double) { return 0.5 + x; });
  };
  registry.add<StraightParams>("surrogate", "straight", "1 everywhere: the straight-through estimator.")
      .makes<Surrogate<float>>([=](const StraightParams& p) { return straight.operator()<float>(p); })
      .makes<Surrogate<double>>([=](const StraightParams& p) { return straight.operator()<double>(p); });
  registry.add<TableParams>("surrogate", "table", "Straight lines between points that you give.")
      .makes<Surrogate<float>>([](const TableParams& p) { return std::make_unique<Table<float>>(p); })
      .makes<Surrogate<double>>([](const TableParams& p) { return std::make_unique<Table<double>>(p); });
}

}  // namespace neurarium
