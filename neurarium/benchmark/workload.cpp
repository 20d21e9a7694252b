#include "neurarium/benchmark/workload.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstring>
#include <numeric>
#include <utility>
#include <vector>

#include "neurarium/nn/activity.hpp"
#include "neurarium/nn/attack.hpp"
#include "neurarium/nn/build_model.hpp"
#include "neurarium/train/bare_context.hpp"
#include "neurarium/train/trainer.hpp"

namespace neurarium {
namespace {

using Clock = std::chrono::steady_clock;

double since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

std::vector<NamedView> all_arrays(Model& model) {
  std::vector<NamedView> views = model.parameters();
  for (NamedView& buffer : model.buffers()) views.push_back(std::move(buffer));
  return views;
}

/// Calls part(first, count) until `samples` are done; a part neither crosses the end of the data nor is above `most`.
template <class Part>
void in_parts(std::uint64_t seen, std::uint64_t samples, std::size_t available, std::uint64_t most, const Part& part) {
  while (samples > 0) {
    const auto first = static_cast<std::size_t>(seen % available);
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>({samples, most, available - first}));
    part(first, count, seen);
    seen += count;
    samples -= count;
  }
}

template <class Interface>
class WorkloadOf : public Workload {
 public:
  WorkloadOf(const BenchCase& of, const BenchVariant& variant, const BenchData& data, const Registry& registry)
      : data_(data),
        context_(registry, variant.threads, 0),
        model_(build_model<Interface>(variant.model, registry, of.workload)) {
    set_state(*model_, data.start);
  }
  Model& model() override { return *model_; }

 protected:
  const BenchData& data_;
  BareContext context_;
  std::unique_ptr<Interface> model_;
  std::uint64_t seen_ = 0;
};

/// Learns the samples one after the other.
class Observe : public WorkloadOf<LocalLearner> {
 public:
  Observe(const BenchCase& of, const BenchVariant& variant, const BenchData& data, const Registry& registry)
      : WorkloadOf(of, variant, data, registry), divisor_(of.divisor) {}
  double turn(std::uint64_t samples) override {
    const auto start = Clock::now();
    in_parts(seen_, samples, data_.samples.shape()[0], samples,
             [&](std::size_t first, std::size_t n, std::uint64_t at) {
               Context context;
               context.mode = Mode::train;
               context.step = at;
               model_->observe(data_.samples.view().rows(first, n), divisor_, context, context_.pool());
             });
    const double seconds = since(start);
    seen_ += samples;
    return seconds;
  }
  NamedArrays state() override { return state_of(*model_); }

 private:
  double divisor_;
};

/// The samples as events, if the case wants them so.
class Events {
 public:
  Events(const BenchCase& of, const BenchData& data) {
    if (!of.as_events) return;
    const Array counts = converted(data.samples, DType::f32);
    Activity<float> numbers;
    numbers.borrow(counts.as<float>());
    convert(numbers, Layout::spikes, activity_);
  }
  bool given() const { return activity_.layout() == Layout::spikes; }
  SpikesView all() const { return activity_.spikes(); }

 private:
  Activity<float> activity_;
};

/// Answers with what is learned, many samples in one call; each thread takes a part of them. The samples are converted
/// beforehand, as the peer's are.
class Respond : public WorkloadOf<Model> {
 public:
  Respond(const BenchCase& of, const BenchVariant& variant, const BenchData& data, const Registry& registry)
      : WorkloadOf(of, variant, data, registry),
        x_(scaled(data.samples, of.divisor, model_->scalar())),
        events_(of, data),
        batch_(of.batch) {}
  double turn(std::uint64_t samples) override {
    const auto start = Clock::now();
    in_parts(seen_, samples, x_.shape()[0], batch_, [&](std::size_t first, std::size_t n, std::uint64_t) {
      const auto threads = static_cast<std::size_t>(context_.pool().threads());
      const std::size_t size = (n + threads - 1) / threads;
      parts_.resize((n + size - 1) / size);
      context_.pool().run(parts_.size(), [&](std::size_t i) {
        const std::size_t from = first + i * size, count = std::min(size, n - i * size);
        const Samples some =
            events_.given() ? Samples(events_.all().part(from, count)) : Samples(x_.view().rows(from, count));
        parts_[i] = model_->outputs(some, Context{});
      });
    });
    const double seconds = since(start);
    seen_ += samples;
    return seconds;
  }
  NamedArrays state() override {
    NamedArrays all;
    for (std::size_t k = 0; k < parts_.front().size(); ++k) {
      std::vector<Array> parts;
      for (const NamedArrays& part : parts_) parts.push_back(part[k].second);
      all.emplace_back(parts_.front()[k].first, joined_rows(parts));
    }
    return all;
  }
  BatchSize batch() const override { return {batch_, true}; }

 private:
  Array x_;
  Events events_;
  std::uint64_t batch_;
  std::vector<NamedArrays> parts_;  ///< of the last call
};

TrainParams training_of(const BenchCase& of, const Registry& registry) {
  const Schema schema = TrainParams::fields();
  std::vector<Fault> faults;
  const Value complete = schema.complete(of.training, {&registry, &faults, of.name + ".training", {}});
  if (!faults.empty()) throw SpecError(std::move(faults));
  TrainParams params;
  schema.read(complete, &params, {&registry, &faults, of.name + ".training", {}});
  if (!faults.empty()) throw SpecError(std::move(faults));
  return params;
}

/// Steps of training by the trainer itself, batch after batch in the order of the samples (unless they are shuffled).
/// Each turn is a training of its own: the rest of the data, then whole epochs, then the beginning of one. At each of these the optimiser
/// begins anew (momentum 0, first epoch), and the same numbers are drawn again; the parameters go on. A peer that keeps its momentum
/// agrees in the first turn, up to the end of the data, which is where both are compared; later turns are as much work.
class Train : public WorkloadOf<Trainable> {
 public:
  Train(const BenchCase& of, const BenchVariant& variant, const BenchData& data, const Registry& registry)
      : WorkloadOf(of, variant, data, registry),
        divisor_(of.divisor),
        params_(training_of(of, registry)),
        events_(of, data) {
    for (const NamedView& view : model_->parameters()) before_.emplace_back(view.name, Array(view.values));
  }
  double turn(std::uint64_t samples) override {
    const auto start = Clock::now();
    double loss = 0;
    const std::uint64_t available = data_.samples.shape()[0];
    for (std::uint64_t done = 0; done < samples;) {
      const std::uint64_t first = (seen_ + done) % available, left = samples - done;
      const std::uint64_t epochs = first == 0 ? std::max<std::uint64_t>(1, left / available) : 1;
      const std::uint64_t n = std::min(left, available - first);
      for (const EpochResult& epoch : learn(first, n, epochs)) loss += epoch.loss * static_cast<double>(n);
      done += n * epochs;
    }
    const double seconds = since(start);
    loss_ = loss / static_cast<double>(samples);
    seen_ += samples;
    return seconds;
  }
  /// All parameters and buffers; "moved.NAME": how far each parameter has come from its start; "loss" [1] of the last turn.
  NamedArrays state() override {
    NamedArrays state = state_of(*model_);
    const std::vector<NamedView> now = model_->parameters();
    for (std::size_t i = 0; i < now.size(); ++i) {
      Array moved = converted(now[i].values, DType::f64);
      const Array before = converted(before_[i].second, DType::f64);
      const auto numbers = moved.as<double>().flat();
      for (std::size_t j = 0; j < numbers.size(); ++j) numbers[j] -= before.as<double>().flat()[j];
      state.emplace_back("moved." + now[i].name, std::move(moved));
    }
    Array loss(DType::f64, Shape{1});
    loss.as<double>()(0) = loss_;
    state.emplace_back("loss", std::move(loss));
    return state;
  }
  BatchSize batch() const override { return {static_cast<std::uint64_t>(params_.batch_size), false}; }

 private:
  EpochHistory learn(std::size_t first, std::size_t n, std::uint64_t epochs) {
    const ArrayView answers = data_.answers.view().rows(first, n);
    const SplitView part = events_.given() ? SplitView(events_.all().part(first, n), answers)
                                           : SplitView(data_.samples.view().rows(first, n), answers);
    TrainParams params = params_;
    params.epochs = static_cast<std::int64_t>(epochs);
    params.batch_size = std::min(params.batch_size, static_cast<std::int64_t>(n));  // the end of the data
    return train(*model_, part, divisor_, params, context_);
  }

  double divisor_, loss_ = 0;
  TrainParams params_;
  Events events_;
  NamedArrays before_;
};

/// Changes samples by an attack, `batch` at a time, on whatever threads there are. The samples are converted beforehand, as the
/// peer's are, and may hold numbers from 0 to 1.
class Attacked : public WorkloadOf<Model> {
 public:
  Attacked(const BenchCase& of, const BenchVariant& variant, const BenchData& data, const Registry& registry)
      : WorkloadOf(of, variant, data, registry), x_(scaled(data.samples, of.divisor, model_->scalar())), case_(of) {
    x_.reshape({x_.shape()[0], x_.size() / x_.shape()[0]});
    changed_ = Array(x_.dtype(), x_.shape());
  }
  double turn(std::uint64_t samples) override {
    const auto start = Clock::now();
    with_floating(model_->scalar(), [&]<class T>() { attack<T>(samples); });
    const double seconds = since(start);
    seen_ += samples;
    return seconds;
  }
  /// "outputs": the answers to the samples last changed; "distance" [1]: how far those have been moved in the mean. Where a slope is
  /// nearly 0 rounding decides its sign, and so where a number goes: single ones differ between programs.
  NamedArrays state() override {
    NamedArrays state = model_->outputs(changed_.view().rows(last_, last_count_), Context{});
    double sum = 0;
    const std::size_t d = x_.shape()[1];
    with_floating(x_.dtype(), [&]<class T>() {
      for (std::size_t i = last_ * d; i < (last_ + last_count_) * d; ++i)
        sum += std::abs(static_cast<double>(changed_.as<T>().flat()[i]) - static_cast<double>(x_.as<T>().flat()[i]));
    });
    Array distance(DType::f64, Shape{1});
    distance.as<double>()(0) = sum / static_cast<double>(last_count_ * d);
    state.emplace_back("distance", std::move(distance));
    return state;
  }
  BatchSize batch() const override { return {case_.batch, true}; }

 private:
  template <class T>
  void attack(std::uint64_t samples) {
    const auto attack = context_.registry().make<Attack<T>>("attack", case_.attack, case_.name + ".attack");
    const auto labels = data_.answers.as<std::int64_t>().flat();
    std::vector<std::uint64_t> ids(x_.shape()[0]);
    std::iota(ids.begin(), ids.end(), 0);
    const auto change = [&](std::size_t first, std::size_t n) {
      Target<T> target(*model_, 0);
      const AttackTask<T> task{x_.view().rows(first, n).template as<T>(),
                               labels.subspan(first, n),
                               std::span(ids).subspan(first, n),
                               model_->input_shape(),
                               case_.epsilon,
                               {},
                               0};
      attack->run(target, task, changed_.view().rows(first, n).template as<T>());
    };
    // At most one lap of the data at a time: two threads must not write the same rows.
    std::vector<std::pair<std::size_t, std::size_t>> parts;
    std::size_t rows = 0;
    const auto run = [&] {
      context_.pool().run(parts.size(), [&](std::size_t i) { change(parts[i].first, parts[i].second); });
      parts.clear(), rows = 0;
    };
    in_parts(seen_, samples, x_.shape()[0], case_.batch, [&](std::size_t first, std::size_t n, std::uint64_t) {
      if (rows + n > x_.shape()[0]) run();
      parts.emplace_back(first, n), rows += n;
      last_ = first, last_count_ = n;
    });
    run();
  }

  Array x_, changed_;
  const BenchCase& case_;
  std::size_t last_ = 0, last_count_ = 0;  ///< the samples of the last batch
};

using Make = std::unique_ptr<Workload> (*)(const BenchCase&, const BenchVariant&, const BenchData&, const Registry&);
template <class W>
std::unique_ptr<Workload> make(const BenchCase& of, const BenchVariant& variant, const BenchData& data,
                               const Registry& registry) {
  return std::make_unique<W>(of, variant, data, registry);
}
constexpr std::array<std::pair<const char*, Make>, 4> workloads = {
    {{"observe", make<Observe>}, {"respond", make<Respond>}, {"train", make<Train>}, {"attack", make<Attacked>}}};

}  // namespace

std::vector<std::string> workload_names() {
  std::vector<std::string> names;
  for (const auto& [name, make_it] : workloads) names.emplace_back(name);
  return names;
}

std::unique_ptr<Workload> make_workload(const BenchCase& of, const BenchVariant& variant, const BenchData& data,
                                        const Registry& registry) {
  for (const auto& [name, make_it] : workloads)
    if (of.workload == name) return make_it(of, variant, data, registry);
  throw InternalError("there is no workload '" + of.workload + "'");
}

NamedArrays state_of(Model& model) {
  NamedArrays state;
  for (const NamedView& view : all_arrays(model)) state.emplace_back(view.name, Array(view.values));
  return state;
}

void set_state(Model& model, const NamedArrays& arrays) {
  const std::vector<NamedView> views = all_arrays(model);
  for (const auto& [name, array] : arrays) {
    const auto view = std::ranges::find(views, name, &NamedView::name);
    if (view == views.end()) throw SpecError("start: the model has no array '" + name + "'");
    if (view->values.shape() != array.shape())
      throw ShapeError("start: " + name, to_string(view->values.shape()), to_string(array.shape()));
    const Array same = converted(array, view->values.dtype());
    std::memcpy(view->values.data(), same.view().data(), view->values.bytes());
  }
}

}  // namespace neurarium
