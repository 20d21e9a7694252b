// _engine.Model: any model of the registry, by name and settings.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <mutex>

#include "arrays.hpp"
#include "neurarium/interchange/json.hpp"
#include "neurarium/interchange/safetensors.hpp"
#include "neurarium/nn/build_model.hpp"
#include "neurarium/nn/traces.hpp"
#include "neurarium/train/bare_context.hpp"
#include "neurarium/train/gradient_check.hpp"
#include "neurarium/train/model_checkpoint.hpp"
#include "neurarium/train/trainer.hpp"
#include "parts.hpp"
#include "signals.hpp"
#include "values.hpp"

namespace neurarium::python {
namespace {

/// A training on arrays: tells how far it is, and looks at Ctrl-C.
class FitContext final : public BareContext {
 public:
  FitContext(std::uint64_t seed, int threads, py::object progress)
      : BareContext(python::registry(), threads, seed), progress_(std::move(progress)) {}
  void progress(const Progress& progress) override { progress_(progress); }
  bool stop_requested() const override {
    signals_.check();
    return stop_;
  }
  void stop() { stop_ = true; }

 private:
  ProgressCall progress_;
  mutable SignalWatch signals_;
  bool stop_ = false;
};

class ModelHandle {
 public:
  ModelHandle(const std::string& type, const py::dict& settings, const std::string& source)
      : component_(completed("model", {type, to_value(settings, source)}, source)) {
    try {
      build();  // initial weights may say how long an input is: only the model knows
    } catch (const SpecError&) {
      if (!inputs_are_open(component_, registry())) throw;  // else it waits for its data, and is built then
    }
  }

  const std::string& type() const { return component_.type; }
  py::object settings() const { return to_python(component_.settings); }
  bool is_built() const { return model_ != nullptr; }
  std::string scalar() { return std::string(name_of(model().scalar())); }
  py::tuple input_shape() {
    py::list extents;
    for (const std::size_t extent : model().input_shape()) extents.append(extent);
    return py::tuple(extents);
  }
  py::dict abilities() {
    using namespace py::literals;
    Model* m = &model();
    return py::dict("trainable"_a = dynamic_cast<Trainable*>(m) != nullptr,
                    "local"_a = dynamic_cast<LocalLearner*>(m) != nullptr,
                    "differentiable"_a = dynamic_cast<Differentiable*>(m) != nullptr);
  }
  /// Views that keep `self` alive.
  static py::dict arrays(const py::object& self, bool buffers) {
    Model& m = self.cast<ModelHandle&>().model();
    py::dict out;
    for (const NamedView& item : buffers ? m.buffers() : m.parameters())
      out[py::str(item.name)] = numpy_view(item.values, self);
    return out;
  }

  py::list respond(const py::handle& x) {
    const Inputs in = inputs(x, "x", true);
    NamedArrays named;
    {
      const Busy busy(*this);
      named = model().outputs(in.view, context());
    }
    py::list out;
    for (auto& [name, array] : named) {
      if (in.single) array.reshape(array.shape().tail());
      out.append(py::make_tuple(name, to_numpy(std::move(array))));
    }
    return out;
  }

  py::dict activities(const py::handle& x) {
    const Inputs in = inputs(x, "x", true);
    const auto& layered = as<Layered>("activities", "has no layers");
    return looked_at(in, [&] { return layered.activities(in.view, context()); });
  }
  py::dict traces(const py::handle& x) {
    const Inputs in = inputs(x, "x", true);
    const auto& traced = as<TracedModel>("traces", "has no units whose courses are kept");
    return looked_at(in, [&] { return traced.traces(in.view, context()); });
  }

  // ── Rules without a loss gradient ──

  void observe(const py::handle& samples, double divisor, std::optional<std::uint64_t> first, int threads) {
    const Inputs in = inputs(samples, "samples", false);
    auto& learner = as<LocalLearner>("observe", "learns by gradients: use fit(x, y)");
    WorkerPool pool(threads);
    const Busy busy(*this);
    if (first) seen_ = *first;
    learn(learner, in.view, divisor, pool);
  }
  void new_epoch() {
    ++epoch_;
    seen_ = 0;
  }
  std::uint32_t epoch() const { return epoch_; }
  std::uint64_t seen() const { return seen_; }

  // ── Gradients ──

  py::dict fit(const py::handle& x, const py::handle& y, const py::dict& settings, double divisor, std::uint64_t seed,
               int threads, const py::object& progress, const py::object& on_epoch) {
    const Inputs in = inputs(x, "x", false);
    auto& trainable = as<Trainable>("fit", "has no loss gradient: use observe(samples)");
    const Borrowed answers = this->answers(y, in);
    const TrainParams params = train_params(settings);
    FitContext run(seed, threads, progress);
    std::vector<EpochResult> history;
    TrainCallbacks callbacks;
    callbacks.after_epoch = [&](const EpochResult& epoch) {
      history.push_back(epoch);
      if (on_epoch.is_none()) return;
      const py::gil_scoped_acquire lock;
      const py::object reply = on_epoch(epoch.epoch, epoch.loss, accuracy_of(epoch));
      if (py::isinstance<py::bool_>(reply) && reply.cast<bool>()) run.stop();
    };
    {
      const Busy busy(*this);
      try {
        train(trainable, {in.view, answers.view}, divisor, params, run, callbacks);
      } catch (const Interrupted&) {  // on_epoch said that it is enough
      }
    }
    py::list losses, accuracies;
    for (const EpochResult& epoch : history) losses.append(epoch.loss), accuracies.append(accuracy_of(epoch));
    py::dict out;
    out["loss"] = losses;
    out["accuracy"] = accuracies;
    return out;
  }

  py::tuple evaluate(const py::handle& x, const py::handle& y, double divisor, int threads) {
    const Inputs in = inputs(x, "x", false);
    auto& trainable = as<Trainable>("evaluate", "has no loss");
    const Borrowed answers = this->answers(y, in);
    FitContext run(0, threads, py::none());
    EpochResult result;
    {
      const Busy busy(*this);
      result = neurarium::evaluate(trainable, {in.view, answers.view}, divisor, run);
    }
    return py::make_tuple(result.loss, accuracy_of(result));
  }

  py::dict gradient(const py::handle& x, const py::handle& y, double divisor, bool mean) {
    const Inputs in = inputs(x, "x", false);
    auto& trainable = as<Trainable>("gradient", "has no loss gradient");
    const Borrowed answers = this->answers(y, in);
    trainable.require_answers(answers.view, "y");
    Gradient gradient;
    {
      const Busy busy(*this);
      Tape tape;
      gradient = make_gradient(trainable);
      const Evaluation result =
          trainable.evaluate_with_gradient({in.view, answers.view, divisor}, context(), tape, gradient);
      if (mean) scale(gradient, 1.0 / static_cast<double>(std::max<std::size_t>(result.samples, 1)));
    }
    py::dict out;
    const auto parameters = trainable.parameters();
    for (std::size_t i = 0; i < gradient.size(); ++i)
      out[py::str(parameters[i].name)] = to_numpy(std::move(gradient[i]));
    return out;
  }

  py::array logits(const py::handle& x) {
    const Inputs in = inputs(x, "x", true);
    auto& differentiable = as<Differentiable>("logits", "is not differentiable");
    Array z;
    {
      const Busy busy(*this);
      Tape tape;
      z = Array(differentiable.logits(in.view, context(), tape));
      if (in.single) z.reshape(z.shape().tail());
    }
    return to_numpy(std::move(z));
  }

  py::array input_gradient(const py::handle& x, const py::handle& cotangent) {
    const Inputs in = inputs(x, "x", true);
    auto& differentiable = as<Differentiable>("input_gradient", "is not differentiable");
    if (in.view.shape()[0] == 0) throw DataError("x", "there are no samples");
    const Borrowed wanted = borrow(cotangent, "cotangent", model().scalar());
    Array gradient;
    {
      const Busy busy(*this);
      Tape tape;
      const ArrayView z = differentiable.logits(in.view, context(), tape);
      ArrayView c = wanted.view;
      if (in.single && c.shape() == z.shape().tail()) c = ArrayView(c.dtype(), z.shape(), c.data());
      if (c.shape() != z.shape())
        throw ShapeError("cotangent", to_string(in.single ? z.shape().tail() : z.shape()), to_string(c.shape()));
      gradient = Array(differentiable.pull_back(c, tape));
      if (in.single) gradient.reshape(gradient.shape().tail());
    }
    return to_numpy(std::move(gradient));
  }

  py::dict check_gradients(const py::handle& x, const py::handle& y, double divisor, double step, double tolerance,
                           std::size_t most) {
    const Inputs in = inputs(x, "x", false);
    auto& trainable = as<Trainable>("check_gradients", "has no loss gradient");
    const Borrowed answers = this->answers(y, in);
    trainable.require_answers(answers.view, "y");
    GradientCheckResult result;
    {
      const Busy busy(*this);
      result =
          check_gradients_near_kinks(trainable, {in.view, answers.view, divisor}, context(), {step, tolerance, most});
    }
    using namespace py::literals;
    py::list rows;
    for (const GradientCheckRow& row : result.rows)
      rows.append(py::dict("name"_a = row.name, "entries"_a = row.entries, "largest_error"_a = row.largest_error,
                           "worst_entry"_a = row.worst_entry, "analytic"_a = row.analytic, "numeric"_a = row.numeric,
                           "step"_a = row.step, "tolerance"_a = row.tolerance));
    return py::dict("rows"_a = rows, "largest_error"_a = result.worst().largest_error, "passed"_a = result.passed);
  }

  // ── Keeping ──

  void save(const std::filesystem::path& path) {
    const Busy busy(*this);
    write_safetensors(path, content());
  }
  py::bytes to_bytes() {
    std::vector<std::byte> bytes;
    {
      const Busy busy(*this);
      bytes = safetensors_bytes(content());
    }
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  void load(const std::filesystem::path& path) {
    const Busy busy(*this);
    put_back(read_safetensors(path), path.string());
  }
  void load_bytes(const py::bytes& bytes) {
    const std::string_view text = bytes;
    const Busy busy(*this);
    put_back(parse_safetensors(std::as_bytes(std::span(text)), "bytes"), "bytes");
  }

 private:
  /// The lock of Python is given up before the model's is taken, so the two can't wait for each other. Python code called on
  /// the way (progress, on_epoch) may use the same model again.
  class Busy {
   public:
    explicit Busy(ModelHandle& handle) : lock_(handle.busy_) {}

   private:
    py::gil_scoped_release release_;
    std::lock_guard<std::recursive_mutex> lock_;
  };

  struct Inputs {
    Borrowed borrowed;
    ArrayView view;       ///< [n, …entry]
    bool single = false;  ///< it was one entry without the sample axis
  };

  template <class Look>
  py::dict looked_at(const Inputs& in, const Look& look) {
    NamedArrays named;
    {
      const Busy busy(*this);
      named = look();
    }
    py::dict out;
    for (auto& [name, array] : named) {
      if (in.single) array.reshape(array.shape().tail());
      out[py::str(name)] = to_numpy(std::move(array));
    }
    return out;
  }

  Model& model() {
    if (model_) return *model_;
    throw SpecError(component_.type + ": the model does not know its input shape yet",
                    "give inputs = …, or show it data first (fit, observe, respond)");
  }
  template <class Interface>
  Interface& as(const std::string& method, const std::string& instead) {
    if (auto* wanted = dynamic_cast<Interface*>(&model())) return *wanted;
    throw py::type_error(method + ": " + component_.type + " " + instead);
  }

  void build() { model_ = registry().make<Model>("model", component_, "model"); }

  /// Numbers for the model, which is built now if it waited for its input shape.
  Inputs inputs(const py::handle& x, const char* what, bool in_own_type) {
    Inputs in{borrow(x, what, in_own_type && model_ ? std::optional(model_->scalar()) : std::nullopt), {}, false};
    const Shape shape = in.borrowed.view.shape();
    if (!model_) {
      if (shape.axes() < 2)
        throw ShapeError(what, "[samples, …]", to_string(shape),
                         "the model takes its input shape from the first data it sees");
      Component full = with_inputs(component_, registry(), shape.tail());
      model_ = registry().make<Model>("model", full, "model");
      component_ = std::move(full);
      if (in_own_type) in.borrowed = borrow(in.borrowed.owner, what, model_->scalar());
    }
    const Shape entry = model_->input_shape();
    in.single = shape == entry;
    in.view = in.single ? ArrayView(in.borrowed.view.dtype(), entry.with_leading(1), in.borrowed.view.data())
                        : in.borrowed.view;
    if (in.view.shape().axes() == 0) throw ShapeError(what, "[samples, " + to_string(entry).substr(1), "[]");
    return in;
  }

  /// Labels as int64 [n], targets as floating [n, k] or [n].
  Borrowed answers(const py::handle& y, const Inputs& x) const {
    Borrowed answers = borrow(y, "y");
    const std::size_t samples = x.view.shape()[0];
    const bool whole = !is_floating(answers.view.dtype());
    if (whole && answers.view.shape().axes() <= 1) answers = borrow(answers.owner, "y", DType::i64);
    else if (whole) answers = borrow(answers.owner, "y", model_->scalar());
    if (answers.view.shape().axes() == 0 && x.single)
      answers.view = ArrayView(answers.view.dtype(), Shape{1}, answers.view.data());
    if (answers.view.shape().axes() == 0 || answers.view.shape()[0] != samples)
      throw ShapeError("y", std::to_string(samples) + " answers, one per sample of x", to_string(answers.view.shape()));
    return answers;
  }

  Context context() const { return {Mode::eval, 0, epoch_, seen_, {}}; }

  static TrainParams train_params(const py::dict& settings) {
    const Schema schema = TrainParams::fields();
    TrainParams params;
    std::vector<Fault> faults;
    const Value given = to_value(settings, "fit()");
    const Value* const written[] = {&given};
    schema.read(given, &params, {&registry(), &faults, {}, {}});
    if (faults.empty()) find_idle_adversaries(schema, written, schema.write(&params), registry(), {}, faults);
    if (!faults.empty()) throw SpecError(std::move(faults));
    return params;
  }

  static py::object accuracy_of(const EpochResult& result) {
    return result.has_accuracy ? py::object(py::float_(result.accuracy)) : py::object(py::none());
  }

  /// Shows the samples in pieces of some milliseconds, between which Ctrl-C is looked for. The bits do not depend on the pieces.
  /// Bad input changes nothing, wherever in the samples it lies.
  void learn(LocalLearner& learner, ArrayView samples, double divisor, WorkerPool& pool) {
    std::size_t numbers = 1;
    for (const NamedView& item : learner.parameters()) numbers += item.values.size();
    const std::size_t n = samples.shape()[0], piece = std::clamp<std::size_t>(20'000'000 / numbers, 8, 4096);
    const auto show = [&](ArrayView part) {
      learner.observe(part, divisor, {Mode::train, 0, epoch_, seen_, {}}, pool);
    };
    if (n <= piece) {
      show(samples);
      seen_ += n;
      return;
    }
    const std::uint64_t seen_before = seen_;
    const Checkpoint before = checkpoint_of(learner, nullptr, {});
    SignalWatch signals;
    try {
      for (std::size_t i = 0; i < n; i += piece) {
        const std::size_t count = std::min(piece, n - i);
        show(samples.rows(i, count));
        seen_ += count;
        signals.check();
      }
    } catch (const NumericError&) {
      throw;
    } catch (const Error&) {
      restore(before, learner, nullptr);
      seen_ = seen_before;
      show(samples);  // says the same with the sample's number among all of them
      throw;
    }
  }

  SafeTensors content() {
    const Component whole = with_inputs(component_, registry(), model().input_shape());
    const Value settings = neurarium::completed(whole, registry()).settings;
    Checkpoint state = checkpoint_of(model(), nullptr,
                                     {{"format", "neurarium model 1"},
                                      {"type", component_.type},
                                      {"settings", to_json(without_arrays(settings), -1)},
                                      {"epoch", std::to_string(epoch_)},
                                      {"sample", std::to_string(seen_)}});
    return {std::move(state.arrays), std::move(state.metadata)};
  }

  /// All or nothing. Other arrays in the file (an optimiser's, a trainer's) are left alone, so a run's checkpoint will do.
  void put_back(SafeTensors file, const std::string& source) {
    Checkpoint found{std::move(file.arrays), std::move(file.metadata)};
    for (const NamedView& item : state_of(model())) {
      const auto saved = std::ranges::find(found.arrays, item.name, &std::pair<std::string, Array>::first);
      if (saved == found.arrays.end())
        throw SpecError(source + " has no '" + item.name + "'", "it belongs to another model");
      if (saved->second.shape() != item.values.shape())
        throw ShapeError(item.name, to_string(item.values.shape()), to_string(saved->second.shape()),
                         source + " belongs to another model");
      if (saved->second.dtype() != item.values.dtype())
        saved->second = converted(saved->second.view(), item.values.dtype());
    }
    restore(found, model(), nullptr);
    const auto counter = [&](const char* key) { return found.find_text(key) ? counter_of(found, key) : 0; };
    epoch_ = static_cast<std::uint32_t>(counter("epoch"));
    seen_ = counter("sample");
  }

  Component component_;
  std::unique_ptr<Model> model_;
  std::uint32_t epoch_ = 0;
  std::uint64_t seen_ = 0;
  std::recursive_mutex busy_;
};

}  // namespace

void add_model(py::module_& module) {
  using H = ModelHandle;
  py::class_<H>(module, "Model", "Any model of the registry; see neurarium.Model.")
      .def(py::init<const std::string&, const py::dict&, const std::string&>(), py::arg("type"), py::arg("settings"),
           py::arg("source") = "")
      .def_property_readonly("type", &H::type)
      .def_property_readonly("settings", &H::settings)
      .def_property_readonly("is_built", &H::is_built)
      .def_property_readonly("scalar", &H::scalar)
      .def_property_readonly("input_shape", &H::input_shape)
      .def_property_readonly("abilities", &H::abilities)
      .def_property_readonly("epoch", &H::epoch)
      .def_property_readonly("samples_seen", &H::seen)
      .def("parameters", [](const py::object& self) { return H::arrays(self, false); })
      .def("buffers", [](const py::object& self) { return H::arrays(self, true); })
      .def("respond", &H::respond, py::arg("x"))
      .def("activities", &H::activities, py::arg("x"))
      .def("traces", &H::traces, py::arg("x"))
      .def("observe", &H::observe, py::arg("samples"), py::arg("divisor"), py::arg("first"), py::arg("threads"))
      .def("new_epoch", &H::new_epoch)
      .def("fit", &H::fit, py::arg("x"), py::arg("y"), py::arg("settings"), py::arg("divisor"), py::arg("seed"),
           py::arg("threads"), py::arg("progress"), py::arg("on_epoch"))
      .def("evaluate", &H::evaluate, py::arg("x"), py::arg("y"), py::arg("divisor"), py::arg("threads"))
      .def("gradient", &H::gradient, py::arg("x"), py::arg("y"), py::arg("divisor"), py::arg("mean"))
      .def("logits", &H::logits, py::arg("x"))
      .def("input_gradient", &H::input_gradient, py::arg("x"), py::arg("cotangent"))
      .def("check_gradients", &H::check_gradients, py::arg("x"), py::arg("y"), py::arg("divisor"), py::arg("step"),
           py::arg("tolerance"), py::arg("most_entries"))
      .def(
          "save", [](H& self, const std::string& path) { self.save(path); }, py::arg("path"))
      .def("to_bytes", &H::to_bytes)
      .def(
          "load", [](H& self, const std::string& path) { self.load(path); }, py::arg("path"))
      .def("load_bytes", &H::load_bytes, py::arg("bytes"));
}

}  // namespace neurarium::python
