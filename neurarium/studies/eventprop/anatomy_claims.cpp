// What the notebook remarks, and what became of it; the tables of the page; the answer in a line.
#include <algorithm>
#include <cmath>

#include "neurarium/core/words.hpp"
#include "neurarium/studies/eventprop/anatomy_exhibits.hpp"

namespace neurarium::anatomy {
namespace {

double largest_of(const std::vector<double>& numbers) {
  double largest = 0;
  for (const double x : numbers) largest = std::max(largest, std::abs(x));
  return largest;
}

std::string both(const std::vector<double>& lambda) {
  std::string text;
  for (const double x : lambda) text += (text.empty() ? "" : ", ") + in_ten_thousandths(x);
  return text;
}

class Claims {
 public:
  explicit Claims(const AnatomyFindings& found) : f_(found), p_(found.params) {}

  std::vector<AnatomyClaim> all() {
    integral_of_i();
    difference_of_v();
    apart();
    negative();
    positive();
    grows();
    explains();
    return std::move(claims_);
  }

 private:
  void integral_of_i() {
    const double difference = std::abs(f_.coarse.mean_i - f_.fine.mean_i), size = std::abs(f_.fine.mean_i);
    claims_.push_back({"psc_integral_independent_of_dt",
                       "The correction of w makes the integral of the PSC the same for different dt.",
                       "mean I " + exact_digits(f_.coarse.mean_i) + " and " + exact_digits(f_.fine.mean_i), "the same",
                       "survives", difference <= 1e-9 * size});
  }

  void difference_of_v() {
    const double coarse = 1 - f_.coarse.mean_v / f_.exact_mean_v, fine = 1 - f_.fine.mean_v / f_.exact_mean_v;
    claims_.push_back({"psp_differs_by_dt", "Differences obviously then remain for the PSP.",
                       "mean V " + percent(coarse, 2) + " too small at dt = " + short_digits(p_.dt) + " ms, " +
                           percent(fine, 2) + " at " + short_digits(p_.fine_dt),
                       "without the correction V would be exact at every step (off by " +
                           short_digits(f_.max_error_uncorrected, 2) + " at most): the correction is the difference",
                       "survives, but it is the correction that makes it",
                       f_.max_error_corrected > 1e3 * f_.max_error_uncorrected});
  }

  void apart() {
    std::size_t euler = 0, exact = 0, signs = 0;
    for (const SpacingRow& row : f_.spacings)
      euler += row.euler_apart(), exact += row.exact_apart(), signs += row.euler_signs_right();
    const std::string of = " of " + std::to_string(f_.spacings.size());
    const bool cases =
        p_.spike_times.size() < 2 || std::ranges::all_of(f_.cases, [](const Case& one) { return one.apart(); });
    // From very far nothing is left but rounding.
    std::size_t near = 0, near_apart = 0;
    for (const SpacingRow& row : f_.spacings)
      if (std::abs(row.exact[0]) > 1e-12) near += 1, near_apart += row.exact_apart();
    const bool survives = near > 0 && near == near_apart;
    claims_.push_back(
        {"moved_apart", "Close by spikes are moved apart.",
         "at " + std::to_string(euler) + of + " spacings; both directions right at " + std::to_string(signs),
         "at " + std::to_string(exact) + of +
             (cases ? " spacings, and for either sign of the weight, to a correct and to a wrong output" : " spacings"),
         survives ? "survives" : "does not hold here", survives});
  }

  void negative() {
    const bool exists = std::ranges::any_of(f_.exact_lambdas, [](double x) { return x < 0; });
    claims_.push_back({"sometimes_negative", "λ_V − λ_I is sometimes negative.",
                       percent(share_negative(f_.random_lambdas)) + " of the random spikes",
                       percent(share_negative(f_.exact_lambdas)) + " of them",
                       exists ? "survives" : "does not hold here", exists});
  }

  void positive() {
    const double sum = sum_of(f_.driven.exact_at_spikes), by_euler = sum_of(f_.driven.euler_at_spikes);
    double largest = 0, largest_euler = 0;
    for (const RandomRate& rate : f_.random) {
      largest = std::max(largest, largest_of(rate.exact_totals));
      largest_euler = std::max(largest_euler, largest_of(rate.euler_totals));
    }
    const bool zero = is_nothing(sum, by_euler) && is_nothing(largest, largest_euler);
    claims_.push_back(
        {"generally_positive", "λ_V − λ_I generally appears to be positive.",
         "sum over the explicit spikes " + in_ten_thousandths(by_euler) + " · 10⁻⁴, in proportion to dt",
         "sum " + or_zero(sum) + "; largest total of a random train " + or_zero(largest),
         zero ? "does not survive: it is the error of Euler's rule" : "no: the sum is what the trial's end cuts off",
         !zero});
  }

  void grows() {
    if (p_.r_max.size() < 2) return;
    const auto [low, high] = std::ranges::minmax_element(f_.random, {}, &RandomRate::r_max);
    double largest = 0;
    for (const RandomRate& rate : f_.random) largest = std::max(largest, std::abs(rate.exact_mean()));
    const bool zero = is_nothing(largest, high->euler_mean());
    claims_.push_back(
        {"poisson_total_grows",
         "Under random spikes the average back-propagated signal is positive and grows with the rate (the bars).",
         short_digits(low->euler_mean(), 2) + " at " + short_digits(low->r_max) + " Hz to " +
             short_digits(high->euler_mean(), 2) + " at " + short_digits(high->r_max) + " Hz",
         "largest mean of a rate " + or_zero(largest),
         zero ? "does not survive: Euler's error, spike by spike" : "in part: the trial's end cuts spikes off", !zero});
  }

  /// Of exact totals: what the last of a late spike's voltage, or rounding, leaves.
  static bool is_nothing(double exact, double euler) {
    return std::abs(exact) < 1e-12 || std::abs(exact) < 1e-3 * std::abs(euler);
  }
  static std::string or_zero(double x) { return std::abs(x) < 1e-12 ? "0 (to 10⁻¹²)" : in_digits(x, 2); }

  void explains() {
    const double label = f_.label_difference();
    const bool blind = label < 1e-12 || label < 1e-6 * largest_of(f_.cases[0].exact);
    claims_.push_back({"does_not_explain_hidden_gradient",
                       "This in itself does not explain the problems with the gradient in the hidden layer.", "—",
                       "a correct and a wrong output of the same V tell a spike the same, but for psp(T − t): here " +
                           (label < 1e-12 ? std::string("less than 10⁻¹²") : in_digits(label, 3)),
                       blind ? "does not survive: the label never reaches these spikes"
                             : "survives here: the spikes are near the trial's end",
                       !blind});
  }

  static double share_negative(const std::vector<double>& numbers) {
    if (numbers.empty()) return 0;
    return static_cast<double>(std::ranges::count_if(numbers, [](double x) { return x < 0; })) /
           static_cast<double>(numbers.size());
  }

  const AnatomyFindings& f_;
  const AnatomyParams& p_;
  std::vector<AnatomyClaim> claims_;
};

void add_cases(RunContext& context, const AnatomyFindings& found) {
  Table table{"cases",
              "Either sign of the weight, to the correct and to a wrong output",
              "λ_V − λ_I at the spikes in units of 10⁻⁴, and what descent does with them: it moves a spike to an "
              "earlier time if "
              "weight · (λ_V − λ_I) = dL/dt is positive. The loss is convex in V and ∫ V dt does not depend on when "
              "spikes come: overlap costs, whatever the signs.",
              {"weight", "output", "Euler", "exact", "exact dL/dt of the first spike", "descent moves them"},
              {}};
  for (const Case& one : found.cases)
    table.rows.push_back({in_digits(one.weight), one.correct ? "correct" : "wrong", both(one.euler), both(one.exact),
                          in_ten_thousandths(one.weight * one.exact.front()),
                          one.exact.size() < 2 ? "—"
                          : one.apart()        ? "apart"
                                               : "not apart"});
  context.add(std::move(table));
}

void add_dt_table(RunContext& context, const AnatomyFindings& found) {
  Table table{"dt",
              "The study of dt",
              "λ_V − λ_I at the explicit spikes in units of 10⁻⁴. Error: the largest of them, per ms of dt.",
              {"dt, ms", "Euler", "sum", "error / dt", "second order", "sum, second order", "Euler, random train / dt"},
              {}};
  const std::vector<double>& exact = found.driven.exact_at_spikes;
  for (const DtRow& row : found.dt_study) {
    std::vector<double> error;
    for (std::size_t k = 0; k < exact.size(); ++k) error.push_back(row.euler[k] - exact[k]);
    table.rows.push_back({short_digits(row.dt), both(row.euler), in_ten_thousandths(sum_of(row.euler)),
                          in_ten_thousandths(largest_of(error) / row.dt), both(row.centred),
                          in_ten_thousandths(sum_of(row.centred)), rounded(row.random_total / row.dt, 4)});
  }
  table.rows.push_back({"exact", both(exact), in_ten_thousandths(sum_of(exact)), "—", both(exact),
                        in_ten_thousandths(sum_of(exact)), "0.0000"});
  context.add(std::move(table));
}

}  // namespace

std::string in_ten_thousandths(double x, int digits) { return rounded(1e4 * x, digits); }

std::vector<AnatomyClaim> claims_of(const AnatomyFindings& found) { return Claims(found).all(); }

void add_anatomy_tables(RunContext& context, const AnatomyFindings& found) {
  Table table{"claims",
              "What the notebook remarks, and what survives",
              "By Euler: on the notebook's grid, as it computes. Exact: the same output without a grid.",
              {"remark", "by Euler", "exact", "verdict"},
              {}};
  for (const AnatomyClaim& claim : claims_of(found))
    table.rows.push_back({claim.remark, claim.euler, claim.exact, claim.verdict});
  context.add(std::move(table));
  context.add(Remark{
      "Why the exact sum is 0",
      "The loss is an integral over time. If all spikes come a little later, so does V, and the integral stays the "
      "same as long "
      "as V is 0 at both ends of the trial. So the derivatives of the loss by the spike times, w (λ_V − λ_I), add up "
      "to 0: the "
      "loss moves spikes against one another, never all of them together. In general they add up to l(0) − l(V(T)).\n\n"
      "The notebook goes forwards exactly and backwards by Euler's rule, whose λ_I takes the λ_V of a step before. At "
      "each spike that leaves an error in proportion to dt, nearly always of the weight's sign, and so its totals grow "
      "with "
      "dt and with the number of spikes."});
  context.add(Remark{"What the spikes never hear: the label",
                     "The drive −∂l/∂V is 1 − p for the correct output and −p for a wrong one. With the same V they "
                     "differ by 1 at all times, "
                     "and a constant drive says nothing to a spike that is over before the trial ends (the chart of "
                     "the cross-entropy of "
                     "integrals): only psp(T − t), which is gone some 5 τm before the end. So under this loss, the "
                     "cross-entropy at each "
                     "instant added up over time, the exact gradient by spike times is the same whichever output is "
                     "the right one. Hidden "
                     "units are told to spread what they do over time, and not what to tell apart; read-out weights do "
                     "hear the label. Losses "
                     "whose drive is not constant in time, such as sums weighted by e^(−t/T), mend that."});
  add_cases(context, found);
  add_dt_table(context, found);
}

std::string anatomy_answer(const AnatomyFindings& found) {
  const auto claims = claims_of(found);
  const auto survives = [&](const std::string& name) {
    return std::ranges::any_of(claims, [&](const AnatomyClaim& c) { return c.name == name && c.survives; });
  };
  return std::string("“Close by spikes are moved apart”: ") + (survives("moved_apart") ? "yes" : "not here") +
         "; “generally positive”: " +
         (survives("generally_positive") ? "not by the loss itself, only where the trial ends" : "no") +
         ". λ_V − λ_I at the spikes is " + both(found.driven.euler_at_spikes) + " · 10⁻⁴ on the grid and exactly " +
         both(found.driven.exact_at_spikes) + " · 10⁻⁴, of which the sum is " +
         (std::abs(sum_of(found.driven.exact_at_spikes)) < 1e-12 ? "0"
                                                                 : in_digits(sum_of(found.driven.exact_at_spikes), 3)) +
         ".";
}

}  // namespace neurarium::anatomy
