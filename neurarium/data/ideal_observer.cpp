#include "neurarium/data/ideal_observer.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "neurarium/kernels/gemm.hpp"

namespace neurarium {
namespace {

constexpr double pi = std::numbers::pi;
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr std::size_t block = 64;  // samples per product of matrices

/// The fewest steps after which the tone is where it was; `steps` if it never is.
std::size_t period_of(double cycles_per_step, std::size_t steps) {
  for (std::size_t t = 1; t < steps; ++t) {
    const double cycles = cycles_per_step * static_cast<double>(t);
    if (std::abs(cycles - std::round(cycles)) < 1e-12) return t;
  }
  return steps;
}

/// Fisher information of an ear's spikes about the ear's phase (rad): Σ p'²/(p (1−p)), the largest of some phases.
double information(const InterauralProbabilities& probabilities, std::size_t steps, std::size_t fibres) {
  constexpr double h = 1e-4;  // cycles
  std::vector<double> before(fibres), here(fibres), after(fibres);
  double most = 0;
  for (const std::size_t ear : {0, 1})
    for (int k = 0; k < 8; ++k) {
      double sum = 0;
      for (std::size_t t = 0; t < steps; ++t) {
        probabilities.at(k / 8.0 - h, t, ear, before);
        probabilities.at(k / 8.0, t, ear, here);
        probabilities.at(k / 8.0 + h, t, ear, after);
        for (std::size_t j = 0; j < fibres; ++j) {
          const double slope = (after[j] - before[j]) / (4 * pi * h), spread = here[j] * (1 - here[j]);
          if (spread > 1e-6) sum += slope * slope / spread;
        }
      }
      most = std::max(most, sum);
    }
  return most;
}

/// Simpson's rule over the classes: values at the points of half a circle, ends of classes included, to masses of sum 1.
void integrate(std::span<const double> values, std::size_t points, std::span<double> masses) {
  double total = 0;
  for (std::size_t c = 0; c < masses.size(); ++c) {
    double sum = values[c * points] + values[(c + 1) * points];
    for (std::size_t i = 1; i < points; ++i) sum += (i % 2 == 1 ? 4 : 2) * values[c * points + i];
    total += masses[c] = sum;
  }
  for (double& mass : masses) mass /= total;
}

void run(WorkerPool* pool, std::size_t count, const std::function<void(std::size_t)>& task) {
  if (pool != nullptr) return pool->run(count, task);
  for (std::size_t k = 0; k < count; ++k) task(k);
}

DataError impossible(std::size_t sample) {
  return {"spikes",
          "sample " + std::to_string(sample) + " can't have been made by this stimulus: every phase forbids it",
          "give the observer the parameters that made the spikes"};
}

}  // namespace

Schema IdealObserverParams::fields() {
  using P = IdealObserverParams;
  return Schema::of<P>({
      field("steps_seen", &P::steps_seen, "How many steps the observer sees, from the first on; 0: all.").at_least(0),
      field("knows_phase", &P::knows_phase, "Whether it knows the phase of the stimulus."),
      field("points_per_class", &P::points_per_class,
            "Intervals of the grid inside a class, an even number; 0: fine enough by itself.")
          .between(0, 100'000),
  });
}

/// Row (t, fibre): log(p/(1−p)) and log(1−p) at the points of the grid; 0 where they are infinite, which the lists tell.
struct IdealObserver::Tables {
  Tensor<double> log_odds, log_silence;
  std::vector<double> all_silent;                    ///< per point: Σ log(1−p) over all bins
  std::vector<std::vector<std::uint32_t>> no_spike;  ///< per row: the points with p = 0
  std::vector<std::vector<std::uint32_t>> no_silence;
};

/// Per sample and row: how many spikes, and how many bins in which the fibre was refractory.
struct IdealObserver::Counts {
  Tensor<double> spikes, dead;
};

IdealObserver::IdealObserver(const InterauralPhaseParams& stimulus, const IdealObserverParams& params, WorkerPool* pool)
    : stimulus_(stimulus),
      probabilities_(stimulus),
      knows_phase_(params.knows_phase),
      fibres_(static_cast<std::size_t>(stimulus.fibres)),
      classes_(static_cast<std::size_t>(stimulus.classes)) {
  std::vector<Fault> faults;
  const Schema schema = IdealObserverParams::fields();
  schema.complete(schema.write(&params), {nullptr, &faults, "", {}});
  if (params.steps_seen > stimulus.steps)
    faults.push_back({{},
                      "steps_seen",
                      std::to_string(params.steps_seen) + " steps of " + std::to_string(stimulus.steps),
                      "give fewer, or 0 for all"});
  if (params.points_per_class % 2 != 0)
    faults.push_back({{}, "points_per_class", "Simpson's rule needs an even number", "give one more"});
  if (!faults.empty()) throw SpecError(std::move(faults));
  seen_ = static_cast<std::size_t>(params.steps_seen == 0 ? stimulus.steps : params.steps_seen);
  period_ = period_of(stimulus.frequency * stimulus.dt, seen_);
  points_ = static_cast<std::size_t>(params.points_per_class);
  if (points_ == 0) {
    const double width = pi / static_cast<double>(classes_), j = information(probabilities_, seen_, fibres_);
    points_ = std::max<std::size_t>(2 * static_cast<std::size_t>(std::ceil(width * std::sqrt(2 * j) / 2)), 8);
  }
  if (knows_phase_) return;
  left_ = tables(0, 0, 2 * classes_ * points_, pool);
  const bool alike = stimulus.spontaneous_rates.size() != stimulus.units();
  right_ = alike ? left_ : tables(1, 0, 2 * classes_ * points_, pool);
}

std::shared_ptr<const IdealObserver::Tables> IdealObserver::tables(std::size_t ear, double first_cycles,
                                                                   std::size_t points, WorkerPool* pool) const {
  const std::size_t rows = period_ * fibres_;
  const bool dead = stimulus_.dead_steps() > 0;
  const auto circle = static_cast<double>(2 * classes_ * points_);
  auto made = std::make_shared<Tables>();
  made->log_odds = Tensor<double>(Shape{rows, points});
  made->log_silence = Tensor<double>(Shape{dead ? rows : 0, points});
  made->no_spike.resize(rows), made->no_silence.resize(rows);
  Tensor<double> silent(Shape{period_, points});
  run(pool, period_, [&](std::size_t t) {
    std::vector<double> p(fibres_);
    for (std::size_t m = 0; m < points; ++m) {
      probabilities_.at(first_cycles + static_cast<double>(m) / circle, t, ear, p);
      for (std::size_t j = 0; j < fibres_; ++j) {
        const std::size_t row = t * fibres_ + j;
        const double spike = p[j] == 0 ? 0 : std::log(p[j]), silence = p[j] == 1 ? 0 : std::log1p(-p[j]);
        made->log_odds(row, m) = spike - silence;
        if (dead) made->log_silence(row, m) = silence;
        silent(t, m) += silence;
        if (p[j] == 0) made->no_spike[row].push_back(static_cast<std::uint32_t>(m));
        if (p[j] == 1) made->no_silence[row].push_back(static_cast<std::uint32_t>(m));
      }
    }
  });
  made->all_silent.resize(points);
  for (std::size_t t = 0; t < period_; ++t)
    for (std::size_t m = 0; m < points; ++m) made->all_silent[m] += static_cast<double>(times(t)) * silent(t, m);
  return made;
}

IdealObserver::Counts IdealObserver::counts(const StepSpikes& spikes, std::size_t first, std::size_t count,
                                            std::size_t ear) const {
  const std::size_t rows = period_ * fibres_, dead = stimulus_.dead_steps();
  Counts made{Tensor<double>(Shape{count, rows}), Tensor<double>(Shape{dead > 0 ? count : 0, rows})};
  std::vector<std::size_t> ready(fibres_);
  for (std::size_t i = 0; i < count; ++i) {
    std::ranges::fill(ready, 0);
    for (std::size_t t = 0; t < seen_; ++t)
      for (const StepSpikes::Unit unit : spikes.at(first + i, t)) {
        if ((unit >= fibres_) != (ear == 1)) continue;
        const std::size_t j = unit - ear * fibres_;
        if (ready[j] > t)  // while refractory, or twice in one step
          throw DataError("spikes",
                          "sample " + std::to_string(first + i) + ", step " + std::to_string(t) + ": unit " +
                              std::to_string(unit) + " fires before it is ready",
                          "give the observer the parameters that made the spikes");
        ready[j] = t + 1 + dead;
        made.spikes(i, t % period_ * fibres_ + j) += 1;
        for (std::size_t late = t + 1; late < std::min(ready[j], seen_); ++late)
          made.dead(i, late % period_ * fibres_ + j) += 1;
      }
  }
  return made;
}

/// out [samples, points]
void IdealObserver::likelihoods(const Tables& tables, const Counts& counts, View<double> out) const {
  const std::size_t samples = out.shape()[0], points = out.shape()[1], rows = period_ * fibres_;
  const bool dead = counts.dead.size() > 0;
  for (std::size_t i = 0; i < samples; ++i) std::ranges::copy(tables.all_silent, out.flat().data() + i * points);
  kernels::gemm<double>(1, counts.spikes.view(), kernels::Op::none, tables.log_odds.view(), kernels::Op::none, 1, out);
  if (dead)
    kernels::gemm<double>(-1, counts.dead.view(), kernels::Op::none, tables.log_silence.view(), kernels::Op::none, 1,
                          out);
  for (std::size_t row = 0; row < rows; ++row) {
    if (tables.no_spike[row].empty() && tables.no_silence[row].empty()) continue;
    const auto bins = static_cast<double>(times(row / fibres_));
    for (std::size_t i = 0; i < samples; ++i) {
      const double spikes = counts.spikes(i, row), busy = spikes + (dead ? counts.dead(i, row) : 0);
      if (spikes > 0)
        for (const std::uint32_t m : tables.no_spike[row]) out(i, m) = -infinity;
      if (busy < bins)
        for (const std::uint32_t m : tables.no_silence[row]) out(i, m) = -infinity;
    }
  }
}

namespace {

/// out_i = Σ_m exp(left_m + right_{m + i − N/4}) for i = 0 … N/2, but for a common factor; `right` goes round. False if all are 0.
bool sum_over_phase(std::span<const double> left, std::span<const double> right, std::span<double> out) {
  const std::size_t n = left.size(), quarter = n / 4;
  const double top_left = std::ranges::max(left), top_right = std::ranges::max(right);
  if (top_left == -infinity || top_right == -infinity) return false;
  std::vector<double> b(2 * n);
  for (std::size_t m = 0; m < n; ++m) b[m] = b[m + n] = std::exp(right[m] - top_right);
  std::ranges::fill(out, 0);
  for (std::size_t m = 0; m < n; ++m) {
    const double a = std::exp(left[m] - top_left);
    if (a == 0) continue;
    const double* shifted = b.data() + (m + n - quarter) % n;
    for (std::size_t i = 0; i < out.size(); ++i) out[i] += a * shifted[i];
  }
  if (std::ranges::max(out) > 1e-200) return true;
  // The two ears' best phases are not one interaural phase apart, and what is left lost its digits: once more, in logarithms.
  const auto exponent = [&](std::size_t m, std::size_t i) { return left[m] + right[(m + i + n - quarter) % n]; };
  double top = -infinity;
  for (std::size_t m = 0; m < n; ++m)
    for (std::size_t i = 0; i < out.size(); ++i) top = std::max(top, exponent(m, i));
  if (top == -infinity) return false;
  std::ranges::fill(out, 0);
  for (std::size_t m = 0; m < n; ++m)
    for (std::size_t i = 0; i < out.size(); ++i) out[i] += std::exp(exponent(m, i) - top);
  return true;
}

}  // namespace

void IdealObserver::without_phase(const StepSpikes& spikes, View<double> masses, WorkerPool* pool) const {
  const std::size_t samples = spikes.samples(), n = 2 * classes_ * points_;
  run(pool, (samples + block - 1) / block, [&](std::size_t k) {
    const std::size_t first = k * block, count = std::min(block, samples - first);
    Tensor<double> a(Shape{count, n}), b(Shape{count, n});
    likelihoods(*left_, counts(spikes, first, count, 0), a.view());
    likelihoods(*right_, counts(spikes, first, count, 1), b.view());
    std::vector<double> values(n / 2 + 1);
    for (std::size_t i = 0; i < count; ++i) {
      if (!sum_over_phase(a.flat().subspan(i * n, n), b.flat().subspan(i * n, n), values)) throw impossible(first + i);
      integrate(values, points_, masses.flat().subspan((first + i) * classes_, classes_));
    }
  });
}

void IdealObserver::with_phases(const StepSpikes& spikes, std::span<const double> phases, View<double> masses,
                                WorkerPool* pool) const {
  const std::size_t samples = spikes.samples(), n = classes_ * points_ + 1;
  std::vector<std::size_t> starts;  // where runs of one phase begin, each cut into blocks
  for (std::size_t i = 0; i < samples; ++i)
    if (i == 0 || phases[i] != phases[i - 1]) starts.push_back(i);
  starts.push_back(samples);
  for (std::size_t s = 0; s + 1 < starts.size(); ++s) {
    const std::size_t from = starts[s], to = starts[s + 1];
    const auto right = tables(1, phases[from] - 0.25, n, pool);
    run(pool, (to - from + block - 1) / block, [&](std::size_t k) {
      const std::size_t first = from + k * block, count = std::min(block, to - first);
      Tensor<double> b(Shape{count, n});
      likelihoods(*right, counts(spikes, first, count, 1), b.view());
      for (std::size_t i = 0; i < count; ++i) {
        const auto row = b.flat().subspan(i * n, n);
        const double top = std::ranges::max(row);
        if (top == -infinity) throw impossible(first + i);
        for (double& x : row) x = std::exp(x - top);
        integrate(row, points_, masses.flat().subspan((first + i) * classes_, classes_));
      }
    });
  }
}

Tensor<double> IdealObserver::class_masses(const StepSpikes& spikes, std::span<const double> phases,
                                           WorkerPool* pool) const {
  if (spikes.steps() != static_cast<std::size_t>(stimulus_.steps) || spikes.units() != stimulus_.units())
    throw ShapeError("ideal observer",
                     std::to_string(stimulus_.steps) + " steps of " + std::to_string(stimulus_.units()) + " units",
                     std::to_string(spikes.steps()) + " steps of " + std::to_string(spikes.units()));
  if (knows_phase_ && phases.size() != spikes.samples())
    throw ShapeError("ideal observer", "a phase for each of " + std::to_string(spikes.samples()) + " samples",
                     std::to_string(phases.size()) + " phases");
  for (std::size_t i = 0; knows_phase_ && i < phases.size(); ++i)
    if (!std::isfinite(phases[i]))
      throw SpecError("ideal observer: the phase of sample " + std::to_string(i) + " is no finite number");
  Tensor<double> masses(Shape{spikes.samples(), classes_});
  if (knows_phase_) with_phases(spikes, phases, masses.view(), pool);
  else without_phase(spikes, masses.view(), pool);
  return masses;
}

std::vector<std::int64_t> IdealObserver::decide(const StepSpikes& spikes, std::span<const double> phases,
                                                WorkerPool* pool) const {
  const Tensor<double> masses = class_masses(spikes, phases, pool);
  std::vector<std::int64_t> decided(spikes.samples());
  for (std::size_t i = 0; i < decided.size(); ++i) {
    const auto row = masses.flat().subspan(i * classes_, classes_);
    decided[i] = std::ranges::max_element(row) - row.begin();
  }
  return decided;
}

IdealObserverFigures measure_ideal_observer(const InterauralPhaseParams& stimulus, const IdealObserverParams& params,
                                            std::size_t trials, std::uint64_t seed, WorkerPool* pool) {
  InterauralPhaseParams trial = stimulus;
  trial.phase = params.knows_phase ? "per_set" : "per_sample";
  const IdealObserver observer(trial, params, pool);
  if (trials == 0) throw SpecError("ideal observer: 0 trials", "give some");
  const std::size_t most = params.knows_phase ? (trials + 19) / 20 : 1024;  // per set
  double right = 0, sum = 0, squares = 0;
  for (std::size_t done = 0, k = 0; done < trials; ++k) {
    const InterauralPhaseSet set = make_interaural_phase(trial, std::min(most, trials - done), seed,
                                                         "ideal_observer." + std::to_string(k), 0, pool);
    const auto decided = observer.decide(set.spikes, set.phase, pool);
    for (std::size_t i = 0; i < decided.size(); ++i) {
      right += decided[i] == set.labels[i];
      const double error = std::abs(continuise(decided[i], trial.classes) - set.ipd[i]) * 180 / pi;
      sum += error, squares += error * error;
    }
    done += decided.size();
  }
  const auto n = static_cast<double>(trials);
  const double accuracy = right / n, error = sum / n;
  return {trials, accuracy, std::sqrt(accuracy * (1 - accuracy) / n), error,
          std::sqrt(std::max(0.0, squares / n - error * error) / n)};
}

}  // namespace neurarium
