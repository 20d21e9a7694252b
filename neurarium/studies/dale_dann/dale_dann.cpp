// dale-dann: does a network with Dale's law learn as well as one without, if inhibition comes from interneurons?
//
// Training k = repeat · 4 + kind (dann_networks.hpp) has a seed of its own, for weights, signs and order of samples: the first word of
// philox(Stream(seed, "dale-dann.runs"), {0, k}). More repeats leave the earlier networks as they are.
#include <chrono>

#include "neurarium/nn/build_model.hpp"
#include "neurarium/studies/dale_dann/dann_findings.hpp"
#include "neurarium/train/labelled_part.hpp"
#include "neurarium/train/trainer.hpp"

namespace neurarium {
namespace {

/// Those of the authors' program for MNIST, found by their random search, each for its kind.
struct Rates {
  double unconstrained = 0.2976, colei = 0.05273, dann_plain = 0.003981, dann_corrected = 0.1107;
  static Schema fields() {
    const auto rate = [](const char* name, double Rates::*member, const char* doc) {
      return field(name, member, doc).positive();
    };
    return Schema::of<Rates>({rate("unconstrained", &Rates::unconstrained, "Of unconstrained networks."),
                              rate("colei", &Rates::colei, "Of networks whose units have one sign each."),
                              rate("dann_plain", &Rates::dann_plain, "Of Dale's ANN by plain gradients."),
                              rate("dann_corrected", &Rates::dann_corrected, "Of Dale's ANN by corrected gradients.")});
  }
  double of(DannKind kind) const {
    const double all[] = {unconstrained, colei, dann_plain, dann_corrected};
    return all[static_cast<std::size_t>(kind)];
  }
};

struct Params : DannNetworkParams {
  std::string dataset = "mnist";
  std::int64_t train_samples = 0;
  std::int64_t test_samples = 0;
  std::int64_t repeats = 5;
  std::int64_t epochs = 10;
  std::int64_t batch_size = 32;
  Rates learning_rate;
  static Schema fields() {
    return Schema::of<Params>({
        field("dataset", &Params::dataset, "Pictures with labels, numbers ≥ 0, by name or as FILE.npz."),
        field("train_samples", &Params::train_samples, "How many of them to learn from, from the first on; 0 = all.")
            .at_least(0),
        field("test_samples", &Params::test_samples, "How many to test on; 0 = all.").at_least(0),
        field("hidden", &Params::hidden, "Excitatory units of each hidden layer.").at_least(1),
        field("inhibitory_share", &Params::inhibitory_share, "Inhibitory units for each excitatory one.")
            .positive()
            .at_most(10),
        field("repeats", &Params::repeats, "Networks of each kind.").between(1, 1000),
        field("epochs", &Params::epochs, "Passes over the data.").at_least(1),
        field("batch_size", &Params::batch_size, "Samples per step.").at_least(1),
        field("learning_rate", &Params::learning_rate, "Of plain SGD, for each kind its own."),
    });
  }
};

class DaleDann : public Study {
 public:
  explicit DaleDann(const Params& params) : params_(params) {
    if (params_.hidden.empty()) throw SpecError("hidden: there is no hidden layer", "give at least one, hidden=[200]");
  }

  void run(RunContext& context) override {
    const Dataset data = context.dataset(params_.dataset);
    require_arrays(data);
    DannFindings found;
    found.dataset = data.name, found.entry = data.train.entry_shape();
    const Split training = labelled_part(data, data.train, params_.train_samples, "train"),
                test = labelled_part(data, data.test, params_.test_samples, "test");
    found.train_samples = training.samples(), found.test_samples = test.samples();
    found.classes = classes_of(training, test), found.epochs = static_cast<std::size_t>(params_.epochs);
    const double mean = mean_input(training, data);
    std::vector<DannOutcome> all = train_networks(
        static_cast<std::size_t>(params_.repeats) * dann_kinds.size(),
        [&](std::size_t k, RunContext& own) { return train_one(k, own, training, test, data.divisor, mean, found); },
        context);
    for (std::size_t k = 0; k < all.size(); ++k) found.outcomes[k % dann_kinds.size()].push_back(std::move(all[k]));
    add_dann_figures(context, found);
    add_dann_exhibits(context, found);
    context.answer(dann_answer(found));
  }

 private:
  /// Mean of the inputs; DataError if one is negative: then it would inhibit.
  double mean_input(const Split& training, const Dataset& data) const {
    double sum = 0;
    with_dtype(training.x.dtype(), [&]<class Number>() {
      for (const Number number : training.x.as<Number>().flat()) {
        if (number < Number{0})
          throw DataError(data.name, "holds numbers below 0, so that inputs would not only excite",
                          "give data ≥ 0: pixels, say");
        sum += static_cast<double>(number);
      }
    });
    return sum / static_cast<double>(training.x.size()) / data.divisor;
  }

  DannOutcome train_one(std::size_t k, RunContext& own, const Split& training, const Split& test, double divisor,
                        double mean, const DannFindings& found) const {
    const DannKind kind = dann_kinds[k % dann_kinds.size()];
    const auto model = build_model<Trainable>(dann_network(kind, params_, found.entry, mean, found.classes, own.seed()),
                                              own.registry(), "this study");
    TrainParams train;
    train.epochs = params_.epochs;
    train.batch_size = train.shard_size = params_.batch_size;
    train.optimiser.settings.set("learning_rate", params_.learning_rate.of(kind));
    const SplitView validation(test);
    const auto start = std::chrono::steady_clock::now();
    DannOutcome outcome;
    try {
      outcome.history = neurarium::train(*model, training, divisor, train, own, {}, &validation);
    } catch (const NumericError& error) {
      throw NumericError(
          std::string(words_of(kind)) + ", repeat " + std::to_string(k / dann_kinds.size() + 1) + ": " + error.where(),
          error.step(), error.first_bad_index(), std::string("lower learning_rate.") + key_of(kind));
    }
    outcome.train_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    outcome.fields = Array(ArrayView(
        first_fields(*model, std::min<std::size_t>(12, static_cast<std::size_t>(params_.hidden.front()))).view()));
    return outcome;
  }

  Params params_;
};

}  // namespace

void register_dale_dann_studies(Registry& registry) {
  registry
      .add<Params>("study", "dale-dann",
                   "Does a network with Dale's law learn as well as one without, if interneurons inhibit?")
      .makes<Study>([](const Params& params) { return std::make_unique<DaleDann>(params); });
}

}  // namespace neurarium
