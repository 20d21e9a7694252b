// Losses of first spikes. They read what the layer first_spike says, z = −t/temperature, and are told its temperature.
//
//   first_spike_cross_entropy   E = −Σ_j p_j ln softmax(z)_j + Σ_j p_j late(t_j)
// with p the answer (1 for the label), so that the label's unit is to fire before the others; late() asks it to be early, too:
//   none         0
//   exponential  alpha (e^(t/tau_late) − 1)        alpha a number
//   bounded      alpha / (1.01 duration − t)       alpha in seconds
// Beyond the end, where only units fire that say how far they are from firing, late() goes on as its tangent at the end.
// Source: Göltz et al., Nature Machine Intelligence 3, 2021; Wunderlich and Pehle, Scientific Reports 11, 2021 (temperature 0.5 ms,
// tau_late 6.4 ms, alpha 0.003).
//
//   spike_time_error   E = ½ Σ_{j ≠ y} ((t_j − t_y − delta) / temperature)²   for labels y: all others fire delta later
//                      E = ½ Σ_j ((t_j − s_j) / temperature)²                 for targets s, times in seconds
// With one_sided = true a unit that is more than delta late costs nothing.
//
// A label counts as right if its unit fires before all others. Where several share the first place nobody has answered, and it is wrong.
#include "neurarium/nn/loss_rows.hpp"

namespace neurarium {

using namespace loss_rows;

namespace {

constexpr double usual_temperature = 0.5e-3;

Field temperature_field(auto member) {
  return field("temperature", member, "That of the layer first_spike in front, whose numbers are times by it.")
      .unit("s")
      .positive();
}

void require_first_spikes(const Shape& outputs, const std::string& loss) {
  if (outputs.axes() != 1 || outputs.elements() < 2)
    throw ShapeError("model.loss: outputs of " + loss, "[2] or more, one per class", to_string(outputs),
                     "end with the layer first_spike, with one unit per class");
}

/// As a rule all are silent where several share the first place; the first of them in their order, class 0, must not have won.
template <class T>
bool fires_first(std::span<const T> z, std::span<const T> answer, std::size_t) {
  const auto label = static_cast<std::size_t>(std::ranges::max_element(answer) - answer.begin());
  for (std::size_t j = 0; j < z.size(); ++j)
    if (j != label && !(z[j] < z[label])) return false;
  return true;
}

struct FirstSpikeCrossEntropyParams {
  double temperature = usual_temperature;
  std::string late = "exponential";
  double alpha = 3e-3;
  double tau_late = 6.4e-3;
  double duration = 60e-3;
  static Schema fields() {
    using P = FirstSpikeCrossEntropyParams;
    return Schema::of<P>({
        temperature_field(&P::temperature),
        field("late", &P::late, "What a late spike of the label costs.").one_of({"none", "exponential", "bounded"}),
        field("alpha", &P::alpha, "Strength of that cost; of a bounded one in seconds.").at_least(0),
        field("tau_late", &P::tau_late, "Time constant of the exponential cost.").unit("s").positive(),
        field("duration", &P::duration, "How long samples last: both costs go on straight from there.")
            .unit("s")
            .positive(),
    });
  }
};

template <class T>
class FirstSpikeCrossEntropy : public Loss<T> {
 public:
  using Params = FirstSpikeCrossEntropyParams;
  explicit FirstSpikeCrossEntropy(const Params& params) : params_(params) {}
  void require_outputs(const Shape& outputs) const override {
    require_first_spikes(outputs, "first_spike_cross_entropy");
  }
  void require_answers(ArrayView answers, const Shape& outputs, const std::string& source) const override {
    Loss<T>::require_answers(answers, outputs, source);
    require_shares(answers, source, "first_spike_cross_entropy");
  }
  bool reads_logits() const override { return true; }
  Evaluation evaluate(View<const T> outputs, ArrayView answers, Tensor<T>* gradient) const override {
    return evaluate_rows(
        outputs, answers, gradient,
        [&](std::span<const T> z, std::span<const T> p, std::span<T> g) {
          double sum = cross_entropy<T>(z, g, 1, [&](std::size_t j) { return static_cast<double>(p[j]); });
          if (params_.late == "none") return sum;
          for (std::size_t j = 0; j < z.size(); ++j) {
            if (p[j] == 0) continue;
            const auto [cost, slope] = late(-static_cast<double>(z[j]) * params_.temperature);
            sum += static_cast<double>(p[j]) * cost;
            if (!g.empty()) g[j] -= static_cast<T>(static_cast<double>(p[j]) * slope * params_.temperature);
          }
          return sum;
        },
        fires_first<T>);
  }

 private:
  struct Cost {
    double value, slope;
  };
  Cost late(double t) const {
    const double inside = std::min(t, params_.duration);
    Cost cost{};
    if (params_.late == "bounded") {
      const double left = 1.01 * params_.duration - inside;
      cost = {params_.alpha / left, params_.alpha / (left * left)};
    } else {
      cost = {params_.alpha * std::expm1(inside / params_.tau_late),
              params_.alpha / params_.tau_late * std::exp(inside / params_.tau_late)};
    }
    return {cost.value + cost.slope * (t - inside), cost.slope};
  }
  Params params_;
};

struct SpikeTimeErrorParams {
  double temperature = usual_temperature;
  double delta = 5e-3;
  bool one_sided = false;
  static Schema fields() {
    using P = SpikeTimeErrorParams;
    return Schema::of<P>({
        temperature_field(&P::temperature),
        field("delta", &P::delta, "How much later than the label's unit the others are to fire.").unit("s").at_least(0),
        field("one_sided", &P::one_sided, "Whether units that fire still later cost nothing."),
    });
  }
};

template <class T>
class SpikeTimeError : public Loss<T> {
 public:
  using Params = SpikeTimeErrorParams;
  explicit SpikeTimeError(const Params& params) : params_(params) {}
  void require_outputs(const Shape& outputs) const override { require_first_spikes(outputs, "spike_time_error"); }
  Evaluation evaluate(View<const T> outputs, ArrayView answers, Tensor<T>* gradient) const override {
    const bool relative = are_labels(answers);
    return evaluate_rows(
        outputs, answers, gradient,
        [&](std::span<const T> z, std::span<const T> t, std::span<T> g) {
          std::ranges::fill(g, T{0});
          const auto label = static_cast<std::size_t>(std::ranges::max_element(t) - t.begin());
          double sum = 0;
          for (std::size_t j = 0; j < z.size(); ++j) {
            if (relative && j == label) continue;
            // In temperatures, how much later than it should: t_j is −z_j.
            const double wanted = relative ? -static_cast<double>(z[label]) + params_.delta / params_.temperature
                                           : static_cast<double>(t[j]) / params_.temperature;
            const double excess = -static_cast<double>(z[j]) - wanted;
            if (relative && params_.one_sided && excess > 0) continue;
            sum += 0.5 * excess * excess;
            if (g.empty()) continue;
            g[j] -= static_cast<T>(excess);
            if (relative) g[label] += static_cast<T>(excess);
          }
          return sum;
        },
        fires_first<T>);
  }

 private:
  Params params_;
};

}  // namespace

void register_losses_of_first_spikes(Registry& registry) {
  add<FirstSpikeCrossEntropy>(registry, "first_spike_cross_entropy",
                              "Cross-entropy of who fires first (layer first_spike), and a cost of late answers.");
  add<SpikeTimeError>(registry, "spike_time_error",
                      "Squared error of first spikes: all others delta after the label's, or at given times.");
}

}  // namespace neurarium
