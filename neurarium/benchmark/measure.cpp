#include "neurarium/benchmark/measure.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "neurarium/benchmark/busy.hpp"
#include "neurarium/benchmark/machine.hpp"
#include "neurarium/benchmark/peak_memory.hpp"
#include "neurarium/benchmark/sweeps.hpp"
#include "neurarium/benchmark/turn_size.hpp"
#include "neurarium/benchmark/workload.hpp"
#include "neurarium/core/digits.hpp"
#include "neurarium/interchange/npy.hpp"

namespace neurarium {
namespace {

double largest_difference(ArrayView a, ArrayView b, const std::string& name) {
  if (a.size() != b.size()) throw ShapeError("the peer's " + name, to_string(a.shape()), to_string(b.shape()));
  return with_dtype(a.dtype(), [&]<class A>() {
    return with_dtype(b.dtype(), [&]<class B>() {
      const auto x = a.as<A>().flat();
      const auto y = b.as<B>().flat();
      double difference = 0, scale = 0;
      for (std::size_t i = 0; i < x.size(); ++i) {
        const double p = static_cast<double>(x[i]), q = static_cast<double>(y[i]), apart = std::abs(p - q);
        // A comparison with NaN is false: written so that NaN is a difference.
        if (!(apart <= difference)) difference = apart;
        scale = std::max(scale, std::abs(q));
      }
      return scale > 0 ? difference / scale : difference;
    });
  });
}

class CaseRun {
 public:
  CaseRun(const BenchCase& of, Peer& peer, const std::filesystem::path& folder, const Registry& registry,
          const std::function<double()>& clock, const MeasureOptions& options)
      : case_(of), peer_(peer), folder_(folder), registry_(registry), clock_(clock), options_(options) {
    result_.declared = of;
  }

  CaseResult run() {
    prepare();
    for (const BenchVariant& variant : case_.variants) {
      workloads_.push_back(make_workload(case_, variant, data_, registry_));
      VariantResult& made = result_.variants.emplace_back();
      made.declared = variant;
      made.scalar = name_of(workloads_.back()->model().scalar());
      made.array_bytes = array_bytes(workloads_.back()->model());
    }
    if (case_.with_peer) {
      const Value started = peer_.ask(request("start", true));
      if (const Value* note = started.find("note"); note && note->is_text()) result_.note = note->as_text();
      check();
    }
    const BusyProcesses busy(case_.busy);
    warm_up();
    for (int round = 0; round < options_.rounds; ++round) {
      take_round(round);
      if (options_.progress) options_.progress(round + 1, options_.rounds);
    }
    if (case_.with_peer) peer_.ask(request("end", false));
    result_.load = load_average();
    evaluate(result_);
    return std::move(result_);
  }

 private:
  Value request(const char* action, bool with_place) const {
    Value request = Value::table();
    request.set("do", action);
    if (with_place) {
      request.set("case", case_.name);
      request.set("folder", folder_.string());
    }
    return request;
  }
  void pause_point() const {
    if (options_.stop.stop_requested()) throw Interrupted("stopped; nothing was written");
  }

  void prepare() {
    peer_.ask(request("prepare", true));
    data_.samples = read_npy(folder_ / case_.samples);
    if (data_.samples.shape().axes() < 1 || data_.samples.shape()[0] == 0)
      throw DataError(case_.samples, "holds no samples");
    if (!case_.answers.empty()) read_answers();
    require_one_stretch();
    for (const std::string& name : case_.start) data_.start.emplace_back(name, read_npy(folder_ / (name + ".npy")));
    if (case_.train_first == 0) return;
    // Both sides start from what our first variant has learned, so that they are timed at real work.
    BenchCase learning = case_;
    learning.workload = "observe";
    const auto learner = make_workload(learning, case_.variants.at(0), data_, registry_);
    for (std::uint64_t done = 0; done < case_.train_first;) {
      const std::uint64_t part = std::min<std::uint64_t>(50, case_.train_first - done);
      learner->turn(part);
      done += part;
      pause_point();
    }
    data_.start = state_of(learner->model());
    for (const auto& [name, array] : data_.start) write_npy(folder_ / (name + ".npy"), array);
  }

  void read_answers() {
    data_.answers = read_npy(folder_ / case_.answers);
    const std::size_t samples = data_.samples.shape()[0];
    const Shape& found = data_.answers.shape();
    if (found.axes() == 0 || found[0] != samples)
      throw ShapeError(case_.name + ".answers: " + case_.answers,
                       "[" + std::to_string(samples) + ", …], one for each sample of " + case_.samples,
                       to_string(found));
  }

  /// At the end of the data our training begins anew and the peer's may go on: they agree up to there (workload.cpp).
  void require_one_stretch() const {
    const std::size_t samples = data_.samples.shape()[0];
    if (case_.workload != "train" || !case_.with_peer || case_.check_samples <= samples) return;
    throw SpecError(case_.name + ".check_samples: training is compared up to the end of the data, which is at " +
                        std::to_string(samples) + ", and not " + std::to_string(case_.check_samples) + " samples",
                    "check fewer, or prepare more");
  }

  double array_bytes(Model& model) const {
    double bytes = 0;
    for (const MachineLimit& limit : case_.limits) {
      if (limit.array.empty()) continue;
      const auto arrays = model.parameters();
      const auto found = std::ranges::find(arrays, limit.array, &NamedView::name);
      if (found == arrays.end()) throw SpecError(case_.name + ".limits: the model has no array '" + limit.array + "'");
      if (bytes > 0 && bytes != static_cast<double>(found->values.bytes()))
        throw SpecError(case_.name + ".limits: they must speak of one array");
      bytes = static_cast<double>(found->values.bytes());
    }
    return bytes;
  }

  double peer_turn(std::uint64_t samples) {
    pause_point();
    Value request = Value::table();
    request.set("do", "turn");
    request.set("samples", samples);
    const Value answer = peer_.ask(request);
    if (const Value* memory = answer.find("memory"); memory && memory->is_number() && !result_.peer_memory)
      result_.peer_memory = memory->as_number();
    const Value* seconds = answer.find("seconds");
    if (!seconds || !seconds->is_number() || !(seconds->as_number() > 0))
      throw Error("the peer did not say how many seconds its turn took: " + to_text(answer));
    return seconds->as_number();
  }
  static std::string to_text(const Value& answer) {
    std::string keys;
    for (const auto& [key, value] : answer.as_table()) keys += (keys.empty() ? "" : ", ") + key;
    return "it answered with {" + keys + "}";
  }

  /// Both sides have done the same work, or their rates can't be compared.
  void check() {
    if (case_.check_samples == 0) return;
    peer_turn(case_.check_samples);
    Value ask = request("state", false);
    ask.set("folder", folder_.string());
    const Value answer = peer_.ask(ask);
    const Value* names = answer.find("names");
    if (!names || !names->is_list()) throw Error("the peer did not say what its state is made of");
    NamedArrays theirs;
    for (const Value& name : names->as_list())
      if (name.is_text()) theirs.emplace_back(name.as_text(), read_npy(folder_ / ("peer." + name.as_text() + ".npy")));
    for (std::size_t i = 0; i < workloads_.size(); ++i) {
      const PeakMemory memory;
      workloads_[i]->turn(case_.check_samples);
      result_.variants[i].memory = memory.taken();
      compare(i, workloads_[i]->state(), theirs);
    }
  }
  void compare(std::size_t i, const NamedArrays& ours, const NamedArrays& theirs) {
    const BenchVariant& variant = case_.variants[i];
    for (const auto& entry : theirs) {
      const std::string& name = entry.first;
      const auto same = std::ranges::find_if(ours, [&](const auto& pair) { return pair.first == name; });
      if (same == ours.end()) throw Error("the peer names '" + name + "', which our side does not have");
      const double difference = largest_difference(same->second, entry.second, name);
      if (!(difference <= variant.tolerance))
        throw Error(case_.name + ": '" + variant.name + "' and the peer have not done the same work: after " +
                    std::to_string(case_.check_samples) + " samples their '" + name + "' are " +
                    short_digits(difference, 2) + " of the largest apart, expected at most " +
                    short_digits(variant.tolerance, 2));
      result_.variants[i].difference = std::max(result_.variants[i].difference.value_or(0), difference);
    }
  }

  void warm_up() {
    double wanted = options_.turn_seconds;
    if (case_.with_peer) {
      result_.peer_samples_per_turn = case_.peer_samples;
      if (case_.peer_samples == 0)
        result_.peer_samples_per_turn =
            samples_for(wanted, workloads_.front()->batch(), [&](std::uint64_t n) { return peer_turn(n); });
      const double seconds = peer_turn(result_.peer_samples_per_turn);
      slow_peer_ = seconds > 0.5;
      wanted = std::clamp(seconds, wanted, 4 * wanted);
    }
    wanted = std::max(wanted, case_.turn_seconds);
    for (std::size_t i = 0; i < workloads_.size(); ++i)
      result_.variants[i].samples_per_turn = samples_for(wanted, workloads_[i]->batch(), [&](std::uint64_t n) {
        pause_point();
        return workloads_[i]->turn(n);
      });
  }

  void record(int round, const char* side, const std::string& variant, double work, double seconds) {
    result_.turns.push_back({round, side, variant, clock_(), work, seconds});
  }
  void take_peer_turn(int round) {
    if (!case_.with_peer) return;
    const auto samples = result_.peer_samples_per_turn;
    record(round, "peer", "", static_cast<double>(samples), peer_turn(samples));
  }

  void take_round(int round) {
    const std::size_t count = workloads_.size();
    for (std::size_t k = 0; k < count; ++k) {
      const std::size_t i = round % 2 == 0 ? k : count - 1 - k;
      if (k == 0 || !slow_peer_) take_peer_turn(round);
      pause_point();
      const VariantResult& variant = result_.variants[i];
      const double seconds = workloads_[i]->turn(variant.samples_per_turn);
      record(round, "ours", variant.declared.name, static_cast<double>(variant.samples_per_turn), seconds);
      measure_limits(round, i);
    }
    if (round + 1 == options_.rounds || !slow_peer_) take_peer_turn(round);
  }

  void measure_limits(int round, std::size_t i) {
    const VariantResult& variant = result_.variants[i];
    bool memory = false, arithmetic = false;
    const ProductList* products = nullptr;
    for (const MachineLimit& limit : case_.limits) {
      memory |= limit.reads + limit.updates > 0;
      arithmetic |= limit.multiply_adds > 0;
      if (!limit.products.list.empty()) products = &limit.products;
    }
    const DType scalar = workloads_[i]->model().scalar();
    const double seconds = 0.2 * options_.turn_seconds;
    const std::string& name = variant.declared.name;
    if (products) {
      auto& measured = products_[{scalar, variant.declared.threads}];
      if (!measured) measured = std::make_unique<Products>(*products, scalar, variant.declared.threads);
      record(round, "products", name, measured->rate(seconds), 1);
    }
    if (!memory && !arithmetic) return;
    const auto key = std::tuple(scalar, variant.declared.threads, variant.array_bytes);
    const auto bytes = static_cast<std::size_t>(variant.array_bytes);
    Sweeps& sweeps = sweeps_.try_emplace(key, bytes, scalar, variant.declared.threads).first->second;
    if (memory) {
      record(round, "read", name, sweeps.read(seconds), 1);
      record(round, "update", name, sweeps.update(seconds), 1);
    }
    if (arithmetic) record(round, "multiply_adds", name, sweeps.multiply_adds(seconds), 1);
  }

  const BenchCase& case_;
  Peer& peer_;
  const std::filesystem::path& folder_;
  const Registry& registry_;
  const std::function<double()>& clock_;
  const MeasureOptions& options_;
  CaseResult result_;
  BenchData data_;
  std::vector<std::unique_ptr<Workload>> workloads_;
  std::map<std::tuple<DType, int, double>, Sweeps> sweeps_;
  std::map<std::tuple<DType, int>, std::unique_ptr<Products>> products_;
  bool slow_peer_ = false;
};

}  // namespace

CaseResult measure(const BenchCase& of, Peer& peer, const std::filesystem::path& folder, const Registry& registry,
                   const std::function<double()>& clock, const MeasureOptions& options) {
  return CaseRun(of, peer, folder, registry, clock, options).run();
}

}  // namespace neurarium
