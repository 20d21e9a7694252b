#include "neurarium/benchmark/workload.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>

#include "neurarium/nn/build_model.hpp"

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
      : data_(data), pool_(variant.threads), model_(build_model<Interface>(variant.model, registry, of.workload)) {
    set_state(*model_, data.start);
  }
  Model& model() override { return *model_; }

 protected:
  const BenchData& data_;
  WorkerPool pool_;
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
               model_->observe(data_.samples.view().rows(first, n), divisor_, context, pool_);
             });
    const double seconds = since(start);
    seen_ += samples;
    return seconds;
  }
  NamedArrays state() override { return state_of(*model_); }

 private:
  double divisor_;
};

/// Answers with what is learned, many samples in one call. The samples are converted beforehand, as the peer's are.
class Respond : public WorkloadOf<Model> {
 public:
  Respond(const BenchCase& of, const BenchVariant& variant, const BenchData& data, const Registry& registry)
      : WorkloadOf(of, variant, data, registry),
        x_(scaled(data.samples, of.divisor, model_->scalar())),
        batch_(of.batch) {}
  double turn(std::uint64_t samples) override {
    const auto start = Clock::now();
    in_parts(seen_, samples, x_.shape()[0], batch_, [&](std::size_t first, std::size_t n, std::uint64_t) {
      answers_ = model_->outputs(x_.view().rows(first, n), Context{});
    });
    const double seconds = since(start);
    seen_ += samples;
    return seconds;
  }
  NamedArrays state() override { return answers_; }

 private:
  Array x_;
  std::uint64_t batch_;
  NamedArrays answers_;
};

using Make = std::unique_ptr<Workload> (*)(const BenchCase&, const BenchVariant&, const BenchData&, const Registry&);
template <class W>
std::unique_ptr<Workload> make(const BenchCase& of, const BenchVariant& variant, const BenchData& data,
                               const Registry& registry) {
  return std::make_unique<W>(of, variant, data, registry);
}
constexpr std::array<std::pair<const char*, Make>, 2> workloads = {
    {{"observe", make<Observe>}, {"respond", make<Respond>}}};

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
