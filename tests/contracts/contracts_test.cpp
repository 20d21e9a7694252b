// What every registered part promises. See contracts.hpp for how another project uses it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <thread>

#include "contracts.hpp"
#include "neurarium/core/files.hpp"
#include "neurarium/interchange/safetensors.hpp"
#include "neurarium/interchange/toml.hpp"
#include "neurarium/kernels/targets.hpp"
#include "neurarium/nn/chain.hpp"
#include "neurarium/train/gradient_check.hpp"
#include "neurarium/train/local_trainer.hpp"
#include "neurarium/train/model_checkpoint.hpp"
#include "neurarium/train/trainer.hpp"
#include "subjects.hpp"
#include "test_context.hpp"

namespace neurarium::contracts {
namespace {

void accumulate(Gradient& a, const Gradient& b) {
  for (std::size_t i = 0; i < a.size(); ++i)
    with_floating(a[i].dtype(), [&]<class T>() {
      const auto to = a[i].as<T>().flat();
      const auto from = std::as_const(b[i]).template as<T>().flat();
      for (std::size_t j = 0; j < to.size(); ++j) to[j] += from[j];
    });
}

const Registry& registry() {
  static const Registry the_registry = registry_under_test();
  return the_registry;
}

struct Name {
  std::string kind, type;
  friend std::ostream& operator<<(std::ostream& out, const Name& n) { return out << n.kind << ' ' << n.type; }
};
std::vector<Name> names(const std::vector<std::string>& kinds) {
  std::vector<Name> list;
  for (const std::string& kind : kinds)
    for (const std::string& type : registry().names(kind))
      if (is_checked(*registry().find(kind, type))) list.push_back({kind, type});
  return list;
}
std::string test_name(const testing::TestParamInfo<Name>& info) {
  std::string text = info.param.kind + "_" + info.param.type;
  for (char& c : text)
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  return text;
}

// ── Every part: schema and text ────────────────────────────────────────────────────────────────────────────────────

class EveryPart : public testing::TestWithParam<Name> {
 protected:
  const Registry::Entry& entry() const { return *registry().find(GetParam().kind, GetParam().type); }
  Value complete(const Value& table, std::vector<Fault>& faults) const {
    return entry().schema.complete(table, {&registry(), &faults, "", {}});
  }
};

void check_documented(const Schema& schema, const std::string& path) {
  for (const FieldInfo& field : schema.fields()) {
    const std::string where = path + field.name;
    EXPECT_FALSE(field.doc.empty()) << where << " has no line of text";
    EXPECT_EQ(field.doc.find('\n'), std::string::npos) << where << ": one line, please";
    for (const char c : field.name)
      EXPECT_TRUE(std::islower(static_cast<unsigned char>(c)) || std::isdigit(static_cast<unsigned char>(c)) ||
                  c == '_')
          << where;
    if (field.section) check_documented(*field.section, where + ".");
  }
}

TEST_P(EveryPart, IsDocumented) {
  EXPECT_FALSE(entry().doc.empty());
  check_documented(entry().schema, "");
}

TEST_P(EveryPart, DefaultsPassTheirOwnCheck) {
  std::vector<Fault> faults;
  complete(Value::table(), faults);
  for (const Fault& fault : faults) ADD_FAILURE() << to_string(fault);
}

TEST_P(EveryPart, DefaultsSurviveToml) {
  std::vector<Fault> faults;
  const Value before = complete(Value::table(), faults);
  const std::string text = to_toml(before);
  const Value after = complete(parse_toml(text, "defaults"), faults);
  EXPECT_TRUE(faults.empty()) << text;
  EXPECT_EQ(to_toml(after), text);
}

TEST_P(EveryPart, UnknownKeysAreFaults) {
  Value table = Value::table();
  table.set("no_such_key_at_all", 1);
  std::vector<Fault> faults;
  complete(table, faults);
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_EQ(faults.front().key, "no_such_key_at_all");
}

TEST_P(EveryPart, OutOfRangeNumbersAreFaults) {
  for (const FieldInfo& field : entry().schema.fields()) {
    if (field.kind != FieldKind::integer && field.kind != FieldKind::real) continue;
    for (const double bound : {field.minimum - 1, field.maximum + 1}) {
      if (!std::isfinite(bound)) continue;
      Value table = Value::table();
      table.set(field.name, field.kind == FieldKind::integer ? Value(static_cast<std::int64_t>(bound)) : Value(bound));
      std::vector<Fault> faults;
      complete(table, faults);
      EXPECT_EQ(faults.size(), 1u) << field.name << " = " << bound;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Contracts, EveryPart, testing::ValuesIn(names(registry().kinds())), test_name);

// ── Layers and models ──────────────────────────────────────────────────────────────────────────────────────────────

class EveryModel : public testing::TestWithParam<Name> {
 protected:
  const Registry::Entry& entry() const { return *registry().find(GetParam().kind, GetParam().type); }
  std::vector<Variant> variants() const { return variants_of(registry(), entry()); }
};

TEST_P(EveryModel, HasAPageThatNamesEveryField) {
  const auto page = folder_of(entry()) / (entry().type + ".md");
  const std::string text = read_text(page);
  for (const FieldInfo& field : entry().schema.fields())
    EXPECT_NE(text.find("`" + field.name + "`"), std::string::npos)
        << page << " does not mention `" << field.name << "`";
}

TEST_P(EveryModel, TheSameSeedGivesTheSameModel) {
  for (const Variant& variant : variants()) {
    SCOPED_TRACE(variant.name);
    const auto a = build(registry(), variant, "float32", 5), b = build(registry(), variant, "float32", 5);
    const auto other = build(registry(), variant, "float32", 6);
    EXPECT_TRUE(same_bits(copied_state(*a), copied_state(*b)));
    EXPECT_FALSE(same_bits(copied_state(*a), copied_state(*other)));
  }
}

TEST_P(EveryModel, SurvivesACheckpointFile) {
  const auto file = std::filesystem::temp_directory_path() /
                    ("contracts-" + entry().type + std::to_string(::getpid()) + ".safetensors");
  for (const Variant& variant : variants()) {
    SCOPED_TRACE(variant.name);
    const auto model = build(registry(), variant, "float32", 1), copy = build(registry(), variant, "float32", 2);
    const Samples samples = samples_for(*model, 3, 1);
    const Checkpoint saved = checkpoint_of(*model, nullptr, {{"epoch", "3"}});
    write_safetensors(file, {saved.arrays, saved.metadata});
    SafeTensors read = read_safetensors(file);
    restore({std::move(read.arrays), std::move(read.metadata)}, *copy, nullptr);
    EXPECT_TRUE(same_bits(model->outputs(samples.x, {}), copy->outputs(samples.x, {})));
  }
  std::filesystem::remove(file);
}

TEST_P(EveryModel, FloatFollowsDoubleOnEveryInstructionSet) {
  for (const Variant& variant : variants()) {
    SCOPED_TRACE(variant.name);
    const auto precise = build(registry(), variant, "float64", 3);
    const Samples samples = samples_for(*precise, 7, 3);
    for (const auto& [mode, context] : modes())
      for (const std::int64_t target : kernels::runnable_targets()) {
        const NamedArrays expected = precise->outputs(samples.x, context);
        kernels::force_target(target);
        const auto quick = build(registry(), variant, "float32", 3);
        const NamedArrays found = quick->outputs(converted(samples.x, DType::f32), context);
        kernels::force_target(0);
        ASSERT_EQ(found.size(), expected.size());
        for (std::size_t k = 0; k < found.size(); ++k) {
          const auto e = expected[k].second.as<double>().flat();
          const auto f = found[k].second.as<float>().flat();
          for (std::size_t i = 0; i < e.size(); ++i)
            ASSERT_NEAR(static_cast<double>(f[i]), e[i], 1e-5 * std::max(1.0, std::abs(e[i])))
                << expected[k].first << '[' << i << "] target " << target << " in " << mode;
        }
      }
  }
}

TEST_P(EveryModel, RefusesInputOfAnotherShape) {
  const auto model = build(registry(), variants().front(), "float32", 1);
  const Array wrong(DType::f32, Shape{2, model->input_shape().elements() + 1});
  EXPECT_THROW(model->outputs(wrong, {}), ShapeError);
}

TEST_P(EveryModel, StopsAtNonFiniteNumbers) {
  const auto model = build(registry(), variants().front(), "float32", 1);
  Samples samples = samples_for(*model, 2, 1);
  samples.x.as<float>().flat()[0] = NAN;
  EXPECT_THROW(model->outputs(samples.x, {}), NumericError);
}

// ── What gradients move ────────────────────────────────────────────────────────────────────────────────────────────

TEST_P(EveryModel, GradientsEqualCentralDifferences) {
  for (const Variant& variant : variants())
    for (const auto& [mode, context] : modes()) {
      SCOPED_TRACE(variant.name + " in " + mode);
      if (!dynamic_cast<Trainable*>(build(registry(), variant, "float64", 0).get())) return;
      if (context.mode == Mode::train && !differs_in_training(registry(), variant)) continue;
      constexpr std::uint64_t draws = 20;
      std::uint64_t looked_at_again = 0;
      for (std::uint64_t seed = 0; seed < draws; ++seed) {
        const auto model = build(registry(), variant, "float64", seed);
        auto* trainable = dynamic_cast<Trainable*>(model.get());
        if (trainable->gradient_kind() == Trainable::GradientKind::surrogate)
          break;  // spikes are steps: models/lif/lif_test.cpp
        const bool event = trainable->gradient_kind() == Trainable::GradientKind::event;
        ASSERT_TRUE(event || trainable->gradient_kind() == Trainable::GradientKind::exact);
        const std::size_t fewest =
            context.mode == Mode::train ? 3 : 1;  // two samples have no gradient by their variance
        const Samples samples = samples_for(*model, fewest + seed % 5, seed);
        // spike times bend sharply near a grazing spike: the issue asks for 1e-6
        const GradientCheckParams params{event ? 1e-6 : 1e-5, event ? 1e-6 : 1e-7, 0};
        const GradientCheckResult result =
            check_gradients_near_kinks(*trainable, {samples.x, samples.y, 1}, context, params);
        for (const GradientCheckRow& row : result.rows) {
          EXPECT_LE(row.skipped * 10, row.entries + row.skipped) << row.name << ": spikes come and go too often";
          EXPECT_LE(row.largest_error, row.tolerance) << "seed " << seed << ": " << row.name << '[' << row.worst_entry
                                                      << "]: " << row.analytic << " against " << row.numeric;
        }
        looked_at_again += std::ranges::any_of(result.rows, [&](const auto& row) { return row.step < params.step; });
      }
      EXPECT_LE(looked_at_again * 10, draws) << "too many draws at a kink to believe the rest";
    }
}

TEST_P(EveryModel, FloatGradientsFollowDoubleOnEveryInstructionSet) {
  for (const Variant& variant : variants())
    for (const std::int64_t target : kernels::runnable_targets())
      for (const auto& [mode, context] : modes()) {
        SCOPED_TRACE(variant.name + " in " + mode + ", target " + std::to_string(target));
        const auto precise = build(registry(), variant, "float64", 4), quick = build(registry(), variant, "float32", 4);
        auto *p = dynamic_cast<Trainable*>(precise.get()), *q = dynamic_cast<Trainable*>(quick.get());
        if (!p) return;
        const Samples samples = samples_for(*precise, 9, 4);
        const Array x = converted(samples.x, DType::f32);
        Tape tape_p, tape_q;
        Gradient gradient_p = make_gradient(*p), gradient_q = make_gradient(*q);
        p->evaluate_with_gradient({samples.x, samples.y, 1}, context, tape_p, gradient_p);
        kernels::force_target(target);
        q->evaluate_with_gradient({x, samples.y, 1}, context, tape_q, gradient_q);
        kernels::force_target(0);
        for (std::size_t k = 0; k < gradient_p.size(); ++k) {
          const auto e = std::as_const(gradient_p[k]).as<double>().flat();
          const auto f = std::as_const(gradient_q[k]).as<float>().flat();
          double largest = 0;
          for (const double v : e) largest = std::max(largest, std::abs(v));
          for (std::size_t i = 0; i < e.size(); ++i)
            ASSERT_NEAR(static_cast<double>(f[i]), e[i], 2e-5 * std::max(largest, 1e-3)) << k << '[' << i << ']';
        }
      }
}

// Attacks ask for the gradient at the input only, many times on one tape.
TEST_P(EveryModel, TheInputsGradientIsTheSameWithoutThatOfTheParameters) {
  bool seen = false;  // one draw of a few rectified units may be dead
  for (const Variant& variant : variants())
    for (const auto& [mode, context] : modes()) {
      SCOPED_TRACE(variant.name + " in " + mode);
      const Value* layers = variant.model.settings.find("layers");
      if (!layers) return;
      std::vector<Component> parts;
      for (const Value& layer : layers->as_list()) parts.push_back(component_from(layer));
      const auto model = build(registry(), variant, "float32", 4);
      const Chain<float> chain(parts, registry(), model->input_shape(), "", "model.layers", 4);
      const Samples samples = samples_for(*model, 9, 4);
      Activity<float> in, out, slope;
      in.borrow(std::as_const(samples.x).as<float>());
      Tape tape;
      const ForwardShard<float> forward{&in, &out, &context, &tape};
      chain.forward({&forward, 1}, run_here);
      const auto numbers = slope.make_like(out).flat();
      if (out.layout() == Layout::sample_major)  // else its lines must end in zeros
        for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = 1 / (static_cast<float>(i) - 2.5F);
      else
        for (std::size_t i = 0; i < numbers.size(); ++i)
          numbers[i] = i % line_length<float>(9) < 9 ? 1 / (static_cast<float>(i) - 2.5F) : 0;
      std::vector<Tensor<float>> gradient;
      for (const auto& stage : chain.stages())
        for (const Parameter<float>* parameter : stage.parameters) gradient.emplace_back(parameter->value.shape());
      std::vector<View<float>> views;
      for (Tensor<float>& tensor : gradient) views.push_back(tensor.view());
      Activity<float> with, without;
      const BackwardShard<float> all{&slope, &with, &tape, views}, input_only{&slope, &without, &tape, {}};
      const auto refuses = [&](const BackwardShard<float>& shard) {
        try {
          return chain.backward({&shard, 1}, run_here), false;
        } catch (const SpecError&) {  // a layer without derivative says so
          return true;
        }
      };
      const bool has_none = refuses(all);
      EXPECT_EQ(refuses(input_only), has_none);
      seen |= has_none;
      if (has_none) continue;
      const auto expected = std::as_const(with).numbers().flat(), found = std::as_const(without).numbers().flat();
      EXPECT_TRUE(std::ranges::equal(expected, found));
      seen |= std::ranges::any_of(found, [](float g) { return g != 0; });
    }
  EXPECT_TRUE(seen) << "all gradients are 0";
}

TEST_P(EveryModel, ABatchMayBeCutIntoAnyShards) {
  for (const Variant& variant : variants()) {
    SCOPED_TRACE(variant.name);
    const auto model = build(registry(), variant, "float64", 6);
    auto* trainable = dynamic_cast<Trainable*>(model.get());
    if (!trainable) return;
    constexpr std::size_t count = 11;
    const Samples samples = samples_for(*model, count, 6);
    std::vector<std::uint64_t> ids(count);
    for (std::size_t i = 0; i < count; ++i) ids[i] = 100 - i;
    WorkerPool pool(2);
    const auto with_shards_of = [&](std::size_t size) {
      std::vector<ShardOfBatch> shards;
      std::vector<Tape> tapes(count);
      std::vector<Gradient> gradients(count, make_gradient(*model));
      for (std::size_t first = 0; first < count; first += size) {
        const std::size_t n = std::min(size, count - first), i = shards.size();
        const Context context{Mode::train, 3, 1, 0, std::span(ids).subspan(first, n)};
        shards.push_back({{samples.x.view().rows(first, n), samples.y.view().rows(first, n), 1},
                          context,
                          &tapes[i],
                          &gradients[i],
                          {}});
      }
      trainable->evaluate_together(shards, pool);
      Evaluation sum;
      for (std::size_t i = 0; i < shards.size(); ++i) {
        sum += shards[i].result;
        if (i > 0) accumulate(gradients[0], gradients[i]);
      }
      return std::pair(sum.loss, gradients[0]);
    };
    const auto [loss, gradient] = with_shards_of(count);
    for (const std::size_t size : {1u, 3u, 6u}) {
      const auto [cut_loss, cut_gradient] = with_shards_of(size);
      EXPECT_NEAR(cut_loss, loss, 1e-12 * std::abs(loss));
      for (std::size_t k = 0; k < gradient.size(); ++k) {
        const auto whole = gradient[k].as<double>().flat(), cut = cut_gradient[k].as<double>().flat();
        double largest = 1e-3;
        for (const double g : whole) largest = std::max(largest, std::abs(g));
        for (std::size_t i = 0; i < whole.size(); ++i)
          ASSERT_NEAR(cut[i], whole[i], 1e-11 * largest)
              << "shards of " << size << ", parameter " << k << '[' << i << ']';
      }
    }
  }
}

NamedArrays trained(const Variant& variant, int threads, int stop_after, int* resumes = nullptr) {
  const auto model = build(registry(), variant, "float32", 8);
  auto& trainable = dynamic_cast<Trainable&>(*model);
  const Samples samples = samples_for(*model, 50, 8);
  const Split split{samples.x, samples.y};
  TrainParams params;
  params.epochs = 3;
  params.batch_size = 16;
  params.shard_size = 3;
  params.optimiser.settings.set("momentum", 0.5);
  TestContext context(registry(), threads, 8);
  context.stop_after(stop_after);
  try {
    train(trainable, split, 1, params, context);
  } catch (const Interrupted&) {
    if (resumes) ++*resumes;
    context.stop_after(-1);
    train(trainable, split, 1, params, context);
  }
  return copied_state(*model);
}

TEST_P(EveryModel, TrainsToTheSameBitsOnAnyNumberOfThreads) {
  for (const Variant& variant : variants()) {
    const auto model = build(registry(), variant, "float32", 8);
    if (!dynamic_cast<Trainable*>(model.get())) return;
    const NamedArrays one = trained(variant, 1, -1);
    EXPECT_FALSE(same_bits(one, copied_state(*model))) << "training changed nothing";
    EXPECT_TRUE(same_bits(one, trained(variant, 2, -1))) << variant.name;
    EXPECT_TRUE(same_bits(one, trained(variant, 3, -1))) << variant.name;
  }
}

TEST_P(EveryModel, TrainsToTheSameBitsAfterAStop) {
  const Variant variant = variants().front();
  if (!dynamic_cast<Trainable*>(build(registry(), variant, "float32", 8).get())) return;
  const NamedArrays straight = trained(variant, 2, -1);
  int resumes = 0;
  for (const int looks : {1, 3, 4, 6})
    EXPECT_TRUE(same_bits(straight, trained(variant, 2, looks, &resumes))) << "stopped at look " << looks;
  EXPECT_EQ(resumes, 4);
}

TEST_P(EveryModel, DivergenceNamesAPlaceAndAStep) {
  const auto model = build(registry(), variants().front(), "float32", 8);
  auto* trainable = dynamic_cast<Trainable*>(model.get());
  if (!trainable) return;
  const auto parameters = model->parameters();
  if (parameters.empty()) return;
  with_floating(parameters.back().values.dtype(),
                [&]<class T>() { parameters.back().values.as<T>().flat()[0] = std::numeric_limits<T>::infinity(); });
  const Samples samples = samples_for(*build(registry(), variants().front(), "float32", 8), 4, 8);
  TestContext context(registry(), 1, 0);
  TrainParams params;
  try {
    train(*trainable, {samples.x, samples.y}, 1, params, context);
    FAIL() << "an infinite weight went unnoticed";
  } catch (const NumericError& error) {
    EXPECT_FALSE(error.where().empty());
    EXPECT_EQ(error.step(), 0u);
  }
}

// ── What local rules move ──────────────────────────────────────────────────────────────────────────────────────────

TEST_P(EveryModel, ObservesTheSameBitsHoweverSamplesAreCutAndWithAnyThreads) {
  for (const Variant& variant : variants()) {
    SCOPED_TRACE(variant.name);
    const auto whole = build(registry(), variant, "float32", 2), cut = build(registry(), variant, "float32", 2);
    auto *a = dynamic_cast<LocalLearner*>(whole.get()), *b = dynamic_cast<LocalLearner*>(cut.get());
    if (!a) return;
    const Samples samples = samples_for(*whole, 250, 2);
    WorkerPool one(1), three(3);
    a->observe(samples.x, 1, {}, one);
    for (std::size_t first = 0; first < 250; first += 37) {
      Context context;
      context.step = first;
      b->observe(samples.x.view().rows(first, std::min<std::size_t>(37, 250 - first)), 1, context, three);
    }
    EXPECT_TRUE(same_bits(copied_state(*whole), copied_state(*cut)));
    EXPECT_FALSE(same_bits(copied_state(*whole), copied_state(*build(registry(), variant, "float32", 2))))
        << "learning changed nothing";
  }
}

TEST_P(EveryModel, ObservesTheSameBitsAfterAStop) {
  const Variant variant = variants().front();
  const auto run = [&](int stop_after) {
    const auto model = build(registry(), variant, "float32", 2);
    auto* learner = dynamic_cast<LocalLearner*>(model.get());
    if (!learner) return NamedArrays{};
    const Samples samples = samples_for(*model, 330, 2);
    LocalTrainParams params;
    params.epochs = 2;
    TestContext context(registry(), 1, 2);
    context.stop_after(stop_after);
    try {
      train_locally(*learner, samples.x, 1, params, context);
    } catch (const Interrupted&) {
      context.stop_after(-1);
      train_locally(*learner, samples.x, 1, params, context);
    }
    return copied_state(*model);
  };
  const NamedArrays straight = run(-1);
  for (const int looks : {1, 2, 3, 4, 5}) EXPECT_TRUE(same_bits(straight, run(looks))) << "stopped at look " << looks;
}

TEST_P(EveryModel, BadSamplesChangeNothing) {
  const auto model = build(registry(), variants().front(), "float32", 2);
  auto* learner = dynamic_cast<LocalLearner*>(model.get());
  if (!learner) return;
  const NamedArrays before = copied_state(*model);
  Samples samples = samples_for(*model, 5, 2);
  samples.x.as<float>().flat().back() = NAN;
  WorkerPool pool(1);
  EXPECT_THROW(learner->observe(samples.x, 1, {}, pool), Error);
  EXPECT_TRUE(same_bits(before, copied_state(*model)));
}

INSTANTIATE_TEST_SUITE_P(Contracts, EveryModel, testing::ValuesIn(names({"layer", "model"})), test_name);

}  // namespace
}  // namespace neurarium::contracts
