#include "neurarium/nn/initialiser.hpp"

#include <cmath>

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

}  // namespace

void register_initialisers(Registry& registry) {
  registry.add<Uniform::Params>("initialiser", "uniform", "U(low, high).")
      .makes<Initialiser>([](const Uniform::Params& p) { return std::make_unique<Uniform>(p); });
  registry
      .add<Glorot::Params>("initialiser", "glorot",
                           "U(−a, a) with a = √(6 / (fan_in + fan_out)) (Glorot & Bengio 2010).")
      .makes<Initialiser>([](const Glorot::Params&) { return std::make_unique<Glorot>(); });
}

}  // namespace neurarium
