#include "neurarium/nn/initialiser.hpp"

#include <cmath>

#include "neurarium/core/normal.hpp"
#include "neurarium/nn/initialiser_orthogonal.hpp"

namespace neurarium {
namespace {

struct Uniform : Initialiser {
  struct Params {
    double low = -0.1, high = 0.1;
    static Schema fields() {
      return Schema::of<Params>({field("low", &Params::low, "Lower end of the interval."),
                                 field("high", &Params::high, "Upper end of the interval.")});
    }
  };
  explicit Uniform(const Params& p) : params(p) {
    if (!(p.low <= p.high)) throw SpecError("uniform initialiser: low is above high", "give low ≤ high");
  }
  void fill(std::span<double> weights, std::size_t, std::size_t, const Stream& stream) const override {
    fill_uniform(stream, {}, params.low, params.high, weights);
  }
  Params params;
};

struct Glorot : Initialiser {
  struct Params {
    static Schema fields() { return Schema::of<Params>({}); }
  };
  void fill(std::span<double> weights, std::size_t fan_in, std::size_t fan_out, const Stream& stream) const override {
    const double a = std::sqrt(6.0 / static_cast<double>(fan_in + fan_out));
    fill_uniform(stream, {}, -a, a, weights);
  }
};

struct Normal : Initialiser {
  struct Params {
    double sd = 0.05;
    static Schema fields() { return Schema::of<Params>({field("sd", &Params::sd, "Standard deviation.").at_least(0)}); }
  };
  explicit Normal(const Params& p) : params(p) {}
  void fill(std::span<double> weights, std::size_t, std::size_t, const Stream& stream) const override {
    fill_normal(stream, {}, 0, params.sd, weights);
  }
  Params params;
};

struct He : Initialiser {
  struct Params {
    static Schema fields() { return Schema::of<Params>({}); }
  };
  void fill(std::span<double> weights, std::size_t fan_in, std::size_t, const Stream& stream) const override {
    fill_normal(stream, {}, 0, std::sqrt(2.0 / static_cast<double>(fan_in)), weights);
  }
};

struct Orthogonal : Initialiser {
  struct Params {
    double gain = 1;
    static Schema fields() {
      return Schema::of<Params>({field("gain", &Params::gain, "Length of the rows (or columns).").positive()});
    }
  };
  explicit Orthogonal(const Params& p) : params(p) {}
  void fill(std::span<double> weights, std::size_t fan_in, std::size_t, const Stream& stream) const override {
    fill_orthogonal(stream, params.gain, weights.size() / fan_in, fan_in, weights);
  }
  Params params;
};

}  // namespace

void register_initialisers(Registry& registry) {
  registry.add<Uniform::Params>("initialiser", "uniform", "U(low, high).")
      .makes<Initialiser>([](const Uniform::Params& p) { return std::make_unique<Uniform>(p); });
  registry
      .add<Glorot::Params>("initialiser", "glorot",
                           "U(−a, a) with a = √(6 / (fan_in + fan_out)) (Glorot & Bengio 2010).")
      .makes<Initialiser>([](const Glorot::Params&) { return std::make_unique<Glorot>(); });
  registry.add<Normal::Params>("initialiser", "normal", "N(0, sd²).").makes<Initialiser>([](const Normal::Params& p) {
    return std::make_unique<Normal>(p);
  });
  registry.add<He::Params>("initialiser", "he", "N(0, 2 / fan_in), for ReLU and its kin (He et al. 2015).")
      .makes<Initialiser>([](const He::Params&) { return std::make_unique<He>(); });
  registry
      .add<Orthogonal::Params>("initialiser", "orthogonal",
                               "Orthonormal rows or columns times a gain (Saxe et al. 2014).")
      .makes<Initialiser>([](const Orthogonal::Params& p) { return std::make_unique<Orthogonal>(p); });
}

}  // namespace neurarium
