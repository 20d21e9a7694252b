#include "neurarium/nn/initialiser.hpp"

#include <cmath>

#include "neurarium/core/digits.hpp"
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

struct UniformFan : Initialiser {
  struct Params {
    std::string fan = "in";
    double gain = 1;
    static Schema fields() {
      return Schema::of<Params>(
          {field("fan", &Params::fan, "Whether fan_in or fan_out stands under the root.").one_of({"in", "out"}),
           field("gain", &Params::gain, "Factor on the bound 1/√fan.").positive()});
    }
  };
  explicit UniformFan(const Params& p) : params(p) {}
  void fill(std::span<double> weights, std::size_t fan_in, std::size_t fan_out, const Stream& stream) const override {
    const double a = params.gain / std::sqrt(static_cast<double>(params.fan == "in" ? fan_in : fan_out));
    fill_uniform(stream, {}, -a, a, weights);
  }
  Params params;
};

struct Exponential : Initialiser {
  struct Params {
    double sd = 0.05;
    static Schema fields() {
      return Schema::of<Params>({field("sd", &Params::sd, "Standard deviation, and mean.").positive()});
    }
  };
  explicit Exponential(const Params& p) : params(p) {}
  void fill(std::span<double> weights, std::size_t, std::size_t, const Stream& stream) const override {
    fill_uniform(stream, {}, 0, 1, weights);
    for (double& w : weights) w = -params.sd * std::log1p(-w);
  }
  Params params;
};

struct FluctuationDriven : Initialiser {
  struct Params {
    double rate = 20;
    double tau = 0.005;
    double dt = 0.001;
    double mean = 0;
    double sd = 1;
    static Schema fields() {
      return Schema::of<Params>({
          field("rate", &Params::rate, "Rate ν at which each input is expected to fire.").unit("Hz").positive(),
          field("tau", &Params::tau, "Time constant of the membrane.").unit("s").positive(),
          field("dt", &Params::dt, "Time step.").unit("s").positive(),
          field("mean", &Params::mean, "Mean μ that the membrane shall have, in units of the threshold."),
          field("sd", &Params::sd, "Standard deviation σ that it shall have, in units of the threshold.").positive(),
      });
    }
  };
  explicit FluctuationDriven(const Params& p) : params(p) {}
  void fill(std::span<double> weights, std::size_t fan_in, std::size_t, const Stream& stream) const override {
    const double alpha = std::exp(-params.dt / params.tau);
    const double spikes = static_cast<double>(fan_in) * params.rate * params.dt;  // in a step
    const double mean = params.mean * (1 - alpha) / spikes;
    const double variance = params.sd * params.sd * (1 - alpha * alpha) / spikes - mean * mean;
    if (variance < 0)
      throw SpecError("fluctuation_driven initialiser: with " + std::to_string(fan_in) + " inputs a mean of " +
                          exact_digits(params.mean) +
                          " alone makes the membrane fluctuate more than sd = " + exact_digits(params.sd),
                      "give a larger sd, or a mean nearer to 0");
    fill_normal(stream, {}, mean, std::sqrt(variance), weights);
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
    double mean = 0;
    static Schema fields() {
      return Schema::of<Params>(
          {field("sd", &Params::sd, "Standard deviation.").at_least(0), field("mean", &Params::mean, "Mean.")});
    }
  };
  explicit Normal(const Params& p) : params(p) {}
  void fill(std::span<double> weights, std::size_t, std::size_t, const Stream& stream) const override {
    fill_normal(stream, {}, params.mean, params.sd, weights);
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
      .add<UniformFan::Params>("initialiser", "uniform_fan",
                               "U(−a, a) with a = gain / √fan, by the inputs or by the outputs.")
      .makes<Initialiser>([](const UniformFan::Params& p) { return std::make_unique<UniformFan>(p); });
  registry.add<Exponential::Params>("initialiser", "exponential", "Exp: sizes, for weights whose signs are given.")
      .makes<Initialiser>([](const Exponential::Params& p) { return std::make_unique<Exponential>(p); });
  registry
      .add<FluctuationDriven::Params>("initialiser", "fluctuation_driven",
                                      "N(m, s²) that gives a spiking unit's membrane a wanted mean and spread "
                                      "(Rossbroich et al. 2022).")
      .makes<Initialiser>([](const FluctuationDriven::Params& p) { return std::make_unique<FluctuationDriven>(p); });
  registry
      .add<Glorot::Params>("initialiser", "glorot",
                           "U(−a, a) with a = √(6 / (fan_in + fan_out)) (Glorot & Bengio 2010).")
      .makes<Initialiser>([](const Glorot::Params&) { return std::make_unique<Glorot>(); });
  registry.add<Normal::Params>("initialiser", "normal", "N(mean, sd²).")
      .makes<Initialiser>([](const Normal::Params& p) { return std::make_unique<Normal>(p); });
  registry.add<He::Params>("initialiser", "he", "N(0, 2 / fan_in), for ReLU and its kin (He et al. 2015).")
      .makes<Initialiser>([](const He::Params&) { return std::make_unique<He>(); });
  registry
      .add<Orthogonal::Params>("initialiser", "orthogonal",
                               "Orthonormal rows or columns times a gain (Saxe et al. 2014).")
      .makes<Initialiser>([](const Orthogonal::Params& p) { return std::make_unique<Orthogonal>(p); });
}

}  // namespace neurarium
