#include <algorithm>
#include <cmath>

#include "neurarium/studies/eventprop/anatomy_exhibits.hpp"

namespace neurarium::anatomy {
namespace {

Value list_of(const auto& numbers) {
  Value::List list;
  for (const auto& x : numbers) list.push_back(x);
  return list;
}

class Figures {
 public:
  Figures(RunContext& context, const AnatomyFindings& found)
      : context_(context), found_(found), printed_(is_the_notebooks(found.params)) {}

  void add_all() {
    notebook();
    exact();
    dt_study();
    spacings();
    for (const AnatomyClaim& claim : claims_of(found_))
      add("claim_" + claim.name, claim.survives, "Survives: " + claim.remark);
  }

 private:
  void add(const std::string& name, Value value, const std::string& meaning, const std::string& unit = "") {
    context_.add(Figure{name, std::move(value), unit, meaning, {}, {}});
  }
  void add_printed(const std::string& name, Value value, const std::string& meaning, Value printed) {
    const bool beside = printed_;
    context_.add(Figure{name, std::move(value), "", meaning, beside ? std::move(printed) : Value(),
                        beside ? "the notebook's printed number" : ""});
  }

  template <class T>
  Value by_rate(std::vector<T> RandomRate::*member) const {
    Value::List rows;
    for (const RandomRate& rate : found_.random) rows.push_back(list_of(rate.*member));
    return rows;
  }

  void notebook() {
    const AnatomyFindings& f = found_;
    add_printed("mean_v_dt1", f.coarse.mean_v, "Mean of V over the trial, at dt.", Value(0.0064685114737184106));
    add_printed("mean_i_dt1", f.coarse.mean_i, "Mean of I, at dt.", Value(0.007142857142857143));
    add_printed("mean_v_dt001", f.fine.mean_v, "Mean of V, at the fine dt.", Value(0.007135718450596187));
    add_printed("mean_i_dt001", f.fine.mean_i, "Mean of I, at the fine dt.", Value(0.0071428571428571435));
    double largest = 0;
    for (const double x : f.v_difference) largest = std::max(largest, std::abs(x));
    add("max_v_difference", largest, "Largest |V(dt) − V(fine dt)|.");
    Value::List positions;
    for (const std::size_t step : f.coarse.spike_steps)
      positions.push_back(static_cast<std::int64_t>(f.coarse.trace.v.size() - 1 - step));
    add_printed("spike_positions", positions, "Where reversed time reads the spikes: steps − 1 − step.",
                Value(Value::List{1299, 1249}));
    add_printed("lambda_at_spikes", list_of(f.driven.euler_at_spikes), "λ_V − λ_I at the spikes, by Euler at dt.",
                Value(Value::List{3.02033966e-04, 5.71670902e-05}));
    add_printed("lambda_sum", sum_of(f.driven.euler_at_spikes), "Their sum.", Value(0.00035920105593634233));
    add("poisson_total", by_rate(&RandomRate::euler_totals),
        "Sum of λ_V − λ_I over the spikes of each random train, a list for each r_max; 0 without a spike.");
    const bool rates = f.params.r_max == AnatomyParams{}.r_max;
    std::vector<double> means;
    for (const RandomRate& rate : f.random) means.push_back(rate.euler_mean());
    context_.add(Figure{"poisson_mean", list_of(means), "", "Its mean over the trains of each r_max.",
                        printed_ && rates ? Value(Value::List{.00082, .00168, .0045, .0100, .0277}) : Value(),
                        printed_ && rates ? "means of what the notebook printed, of its own draws" : ""});
    add("lambda_histogram", list_of(f.histogram.counts), "Random spikes by λ_V − λ_I: counts of equal bins.");
    add("lambda_histogram_range", list_of(std::vector<double>{f.histogram.edges.front(), f.histogram.edges.back()}),
        "First and last edge of these bins.");
    add_printed("integral_adjoint_sum", f.integral_sum, "Sum of λ_V − λ_I over the trial, cross-entropy of integrals.",
                Value(5.000000000000002));
    add("epsp_peak", f.epsp.peak, "Largest V after the single spike, input before decay.");
    add("epsp_peak_step", static_cast<std::int64_t>(f.epsp.peak_step), "The step of that peak.");
  }

  void exact() {
    const AnatomyFindings& f = found_;
    add("mean_v_exact", f.exact_mean_v, "Mean of V without a grid, in closed form.");
    add("max_v_error_corrected", f.max_error_corrected, "Largest |V(dt) − exact V| at the steps.");
    add("max_v_error_uncorrected", f.max_error_uncorrected, "The same if the jump of I is not corrected for dt.");
    add("exact_lambda_at_spikes", list_of(f.driven.exact_at_spikes), "λ_V − λ_I at the spikes, exact.");
    add("exact_lambda_sum", sum_of(f.driven.exact_at_spikes), "Their sum; 0 but for what reaches the trial's end.");
    add("resting_lambda_at_spikes", list_of(f.resting.euler_at_spikes),
        "λ_V − λ_I at the spikes of a wrong output that rests at 0, by Euler.");
    const auto add_case = [&](const Case& one, const std::string& name, const std::string& who) {
      const std::string all = std::string(one.weight < 0 ? "negative" : "positive") + " weight to " + who;
      add(name + "_lambda_at_spikes", list_of(one.euler), "λ_V − λ_I at the spikes by Euler, " + all + ".");
      add("exact_" + name + "_lambda_at_spikes", list_of(one.exact), "The same, exact.");
    };
    add_case(f.cases[1], "wrong", "a wrong output");
    add_case(f.cases[2], "flipped", "the correct output");
    add("label_difference", f.label_difference(),
        "Largest difference that the label makes to the exact λ_V − λ_I of a spike: correct minus wrong output.");
    std::int64_t spikes = 0;
    for (const RandomRate& rate : f.random)
      for (const std::int64_t each : rate.spikes) spikes += each;
    add("poisson_spikes", spikes, "Spikes in all random trains.");
    double largest = 0;
    for (const RandomRate& rate : f.random)
      for (const double total : rate.exact_totals) largest = std::max(largest, std::abs(total));
    add("poisson_exact_largest", largest, "Largest |exact total| of all trains.");
    add("positive_share_euler", share_positive(f.random_lambdas),
        "Share of random spikes with λ_V − λ_I > 0, by Euler.");
    add("positive_share_exact", share_positive(f.exact_lambdas), "The same, exact.");
  }

  void dt_study() {
    std::vector<double> dts, sums, random;
    for (const DtRow& row : found_.dt_study) {
      dts.push_back(row.dt), sums.push_back(sum_of(row.euler)), random.push_back(row.random_total);
    }
    add("dt_study_dt", list_of(dts), "The steps of the study of dt.", "ms");
    add("dt_study_sum", list_of(sums), "lambda_sum for each of them.");
    add("dt_study_random_total", list_of(random), "Total over one random train of the highest rate, for each of them.");
  }

  void spacings() {
    std::int64_t euler = 0, exact = 0, wrong = 0;
    for (const SpacingRow& row : found_.spacings) {
      euler += row.euler_apart(), exact += row.exact_apart(), wrong += !row.euler_signs_right();
    }
    add("spacing_count", static_cast<std::int64_t>(found_.spacings.size()), "Spacings of two spikes that were tried.");
    add("spacing_apart_euler", euler, "Spacings that grow if two spikes follow Euler's λ.");
    add("spacing_apart_exact", exact, "Spacings that grow if they follow the exact λ.");
    add("spacing_wrong_sign", wrong, "Spacings at which Euler's λ of a spike has the wrong sign.");
    double strongest = 0, at = 0;
    for (const SpacingRow& row : found_.spacings)
      if (std::abs(row.exact[0]) > strongest) strongest = std::abs(row.exact[0]), at = row.spacing;
    add("spacing_strongest", at, "Spacing at which two spikes push most.", "ms");
  }

  static double share_positive(const std::vector<double>& numbers) {
    if (numbers.empty()) return 0;
    return static_cast<double>(std::ranges::count_if(numbers, [](double x) { return x > 0; })) /
           static_cast<double>(numbers.size());
  }

  RunContext& context_;
  const AnatomyFindings& found_;
  bool printed_;
};

}  // namespace

bool is_the_notebooks(const AnatomyParams& p) {
  const AnatomyParams standard;
  return p.tau_m == standard.tau_m && p.tau_s == standard.tau_s && p.weight == standard.weight &&
         p.spike_times == standard.spike_times && p.total_ms == standard.total_ms && p.dt == standard.dt &&
         p.fine_dt == standard.fine_dt && p.outputs == standard.outputs;
}

void add_anatomy_figures(RunContext& context, const AnatomyFindings& found) { Figures(context, found).add_all(); }

}  // namespace neurarium::anatomy
