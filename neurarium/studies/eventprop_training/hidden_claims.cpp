// What is said of losses and hidden layers, and what these networks say to it.
#include <algorithm>
#include <cmath>
#include <optional>

#include "neurarium/core/words.hpp"
#include "neurarium/models/spike_integrator/response.hpp"
#include "neurarium/studies/eventprop_training/hidden_findings.hpp"
#include "neurarium/train/sample_words.hpp"

namespace neurarium {
namespace {

struct Claim {
  std::string claim, found, verdict;
};

double mean_of(const std::vector<double>& numbers) { return summarise(numbers).mean; }

class Claims {
 public:
  explicit Claims(const HiddenFindings& found) : f_(found) {}

  std::vector<Claim> all() {
    sum_is_late();
    weights_reach_early();
    average_is_deaf();
    norm_explains();
    apart();
    later();
    return std::move(claims_);
  }

 private:
  std::optional<std::size_t> place(const std::string& name) const {
    const auto at = std::ranges::find(f_.params.losses, name);
    if (at == f_.params.losses.end()) return std::nullopt;
    return static_cast<std::size_t>(at - f_.params.losses.begin());
  }
  /// Mean of the label part of a spike over the earlier half of the spikes, over that of the later half.
  double early_over_late(std::size_t l) const {
    return halves([&](const ProbeView& draw, std::size_t p) { return draw.losses[l].label_signal[p]; });
  }
  /// What it is if a spike hears in proportion to psp(T − t).
  double early_over_late_of_psp() const {
    const TimeConstants tau{f_.params.tau_membrane, f_.params.tau_synapse};
    const double part = f_.params.duration / HiddenProbe::parts_of_trial;
    return halves([&](const ProbeView& draw, std::size_t p) {
      return draw.spikes[p] * potential(tau, f_.params.duration - (static_cast<double>(p) + 0.5) * part).value;
    });
  }
  /// The part of the trial in which half of the spikes are over belongs to the earlier ones.
  double halves(const auto& signal) const {
    std::vector<double> sums(HiddenProbe::parts_of_trial, 0), spikes(HiddenProbe::parts_of_trial, 0);
    double all = 0;
    for (const ProbeView& draw : f_.draws)
      for (std::size_t p = 0; p < sums.size(); ++p)
        sums[p] += signal(draw, p), spikes[p] += draw.spikes[p], all += draw.spikes[p];
    double early = 0, late = 0, early_spikes = 0, late_spikes = 0;
    for (std::size_t p = 0; p < sums.size(); ++p) {
      const bool first = early_spikes < all / 2;
      (first ? early : late) += sums[p], (first ? early_spikes : late_spikes) += spikes[p];
    }
    return late > 0 ? early / early_spikes / (late / late_spikes) : NAN;
  }
  /// Mean size of the label part per spike.
  double loudness(std::size_t l) const {
    double label = 0, spikes = 0;
    for (const ProbeView& draw : f_.draws)
      for (std::size_t p = 0; p < HiddenProbe::parts_of_trial; ++p)
        label += draw.losses[l].label_signal[p], spikes += draw.spikes[p];
    return label / spikes;
  }
  double at_start(std::size_t l, double LossView::*number) const {
    return mean_of(f_.of_draws([&](const ProbeView& v) { return v.losses[l].*number; }));
  }
  std::string loss_by_loss(const auto& text) const {
    std::string all;
    for (std::size_t l = 0; l < f_.losses(); ++l)
      all += (l ? "; " : "") + std::string(f_.loss(l).words) + " " + text(l);
    return all;
  }

  void sum_is_late() {
    const auto sum = place("sum"), weighted = place("weighted");
    if (!sum) return;
    const double ratio = early_over_late(*sum), expected = early_over_late_of_psp();
    claims_.push_back(
        {"Under the sum the label reaches a hidden spike by psp(T − t) only: in the last few τm of a trial.",
         "the earlier half of the spikes hears " + in_digits(ratio, 2) +
             " times what the later half hears, psp(T − t) says " + in_digits(expected, 2) +
             (weighted ? "; the mean spike hears " + in_digits(loudness(*sum) / loudness(*weighted), 2) +
                             " times what it hears under the exponentially weighted sum"
                       : ""),
         std::abs(ratio / expected - 1) < 0.2 ? "survives" : "does not survive here"});
  }

  void weights_reach_early() {
    for (const char* name : {"weighted", "linear", "sigmoid", "input"}) {
      const auto l = place(name), sum = place("sum");
      if (!l || !sum) continue;
      const double ratio = early_over_late(*l), plain = early_over_late(*sum);
      claims_.push_back({std::string("The ") + f_.loss(*l).words + " lets the label reach spikes at any time.",
                         "earlier half over later half: " + in_digits(ratio, 2) + " (sum: " + in_digits(plain, 2) +
                             "); the mean spike hears " + in_digits(loudness(*l) / loudness(*sum), 2) +
                             " times what it hears under the sum",
                         ratio > std::max(0.5, plain) ? "survives" : "does not survive here"});
    }
  }

  void average_is_deaf() {
    const auto average = place("average"), sum = place("sum");
    if (!average) return;
    const double share = f_.label_share_of_spikes(*average);
    claims_.push_back({"Average cross-entropy speaks to spikes at any time, but hardly of the label.",
                       percent(share) + " of its signal at the start depends on the label" +
                           (sum ? " (sum: " + percent(f_.label_share_of_spikes(*sum)) + ")" : "") +
                           "; earlier half over later half: " + in_digits(early_over_late(*average), 2) +
                           ", psp(T − t) says " + in_digits(early_over_late_of_psp(), 2) +
                           ". What it has beyond that is the grid's: the sum over steps of dt changes with where "
                           "between two steps a spike falls",
                       share < 0.5 ? "survives" : "does not survive here"});
  }

  void norm_explains() {
    if (!f_.params.frozen) return;
    // Do losses with a larger hidden gradient at the start also gain more by hidden learning?
    std::size_t agree = 0, pairs = 0;
    for (std::size_t a = 0; a < f_.losses(); ++a)
      for (std::size_t b = 0; b < a; ++b) {
        const double gain = f_.gain(a) - f_.gain(b);
        const double norm = at_start(a, &LossView::norm) - at_start(b, &LossView::norm);
        if (gain == 0 || norm == 0) continue;
        ++pairs, agree += (gain > 0) == (norm > 0);
      }
    if (pairs == 0) return;
    const double share = static_cast<double>(agree) / static_cast<double>(pairs);
    claims_.push_back({"A small hidden gradient is why a loss does not teach the hidden layer.",
                       "of " + std::to_string(pairs) +
                           " pairs of losses, the one with the larger hidden gradient at the start gains more by "
                           "hidden learning in " +
                           std::to_string(agree),
                       share >= 0.75   ? "survives"
                       : share <= 0.25 ? "the other way round"
                                       : "does not explain it by itself: Adam follows gradients of any size above its "
                                         "ε, so what they say counts"});
  }

  void apart() {
    bool every = true;
    for (std::size_t l = 0; l < f_.losses(); ++l) every = every && at_start(l, &LossView::apart) > 0.5;
    if (f_.draws.front().pairs == 0) return;
    claims_.push_back(
        {"Close by spikes of a hidden unit are moved apart.",
         loss_by_loss([&](std::size_t l) { return percent(at_start(l, &LossView::apart)); }) + " of pairs",
         every ? "survives" : "does not survive: not under every loss"});
  }

  void later() {
    double largest = 0;
    for (std::size_t l = 0; l < f_.losses(); ++l) largest = std::max(largest, std::abs(at_start(l, &LossView::later)));
    claims_.push_back(
        {"λ_V − λ_I generally appears to be positive: all spikes are pushed one way.",
         "push (−1 earlier, 1 later): " +
             loss_by_loss([&](std::size_t l) { return rounded(at_start(l, &LossView::later), 2); }),
         largest < 0.5
             ? "does not survive: moving all spikes together changes a loss only where the trial cuts something off"
             : "survives under some"});
  }

  const HiddenFindings& f_;
  std::vector<Claim> claims_;
};

}  // namespace

void add_hidden_claims(RunContext& context, const HiddenFindings& found) {
  Table table{"claims",
              "What is said, and what survives",
              "Before learning, over " + std::to_string(found.draws.size()) +
                  " networks, but where learning is spoken of. Earlier and later half: of the spikes.",
              {"claim", "found", "verdict"},
              {}};
  for (const Claim& claim : Claims(found).all()) table.rows.push_back({claim.claim, claim.found, claim.verdict});
  context.add(std::move(table));
  context.add(Remark{"Why the label is late",
                     "A cross-entropy's gradient by a spike's time is Σ_c (p_c − δ_cy) ∂z_c/∂t, and only δ_cy knows "
                     "the label: what it says is −∂z_y/∂t, whatever the "
                     "network believes. So what the readout makes of a spike decides alone where in the trial the "
                     "label is heard. A sum ∫ V dt changes with a spike's time only "
                     "by the tail of its response that the trial's end cuts off, psp(T − t). The cross-entropy at each "
                     "instant, averaged over the trial, has the same δ_cy at all "
                     "instants, and thus the same tail; the rest of its gradient, Σ p_c ∂V_c/∂t, says how to be less "
                     "sure everywhere. A weight w(t) that falls makes a "
                     "spike worth more the earlier it comes, by −w'(t) and so at all times. A maximum hears all spikes "
                     "up to itself."});
}

}  // namespace neurarium
