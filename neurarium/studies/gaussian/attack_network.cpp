// attack-network: how little must a sample change for a trained network to answer wrongly?
#include <iterator>

#include "neurarium/core/digits.hpp"
#include "neurarium/core/words.hpp"
#include "neurarium/robustness/attack_question.hpp"
#include "neurarium/studies/gaussian/attack_findings.hpp"
#include "neurarium/studies/gaussian/studies.hpp"

namespace neurarium {
namespace {

struct Params : AttackQuestion {
  std::vector<std::string> runs;
  std::string dataset;
  std::string split = "test";
  std::int64_t samples = 1000;
  std::string scalar = "trained";
  std::int64_t pictures = 8;
  static Schema fields() {
    std::vector<FieldInfo> all = {
        field("runs", &Params::runs, "The runs whose networks are attacked; several also attack one another.")
            .names_run(),
        field("dataset", &Params::dataset, "Data whose samples are changed; default: what the first run learned."),
        field("split", &Params::split, "Which samples of it.").one_of({"test", "train"}),
        field("samples", &Params::samples, "How many, from the first on; more than there are = all.").at_least(1),
    };
    std::ranges::move(inherited_fields<Params, AttackQuestion>(), std::back_inserter(all));
    all.push_back(field("scalar", &Params::scalar, "Type of all numbers: as the network was trained, or another.")
                      .one_of({"trained", "float32", "float64"}));
    all.push_back(field("pictures", &Params::pictures, "Changed samples that the page shows.").between(0, 24));
    return Schema::of<Params>(std::move(all));
  }
};

class AttackNetwork : public Study {
 public:
  using Params = neurarium::Params;
  explicit AttackNetwork(const Params& params) : params_(params) {
    if (params_.runs.empty())
      throw SpecError("runs: there is no network to attack",
                      "name the run that trained it: runs=[runs/train-network-…]");
    for (const std::string& run : params_.runs)
      if (std::ranges::count(params_.runs, run) > 1)
        throw SpecError("runs: " + run + " is named twice", "name each network once");
    params_.require_sound();
  }

  void run(RunContext& context) override {
    std::vector<AttackedNetwork> networks;
    std::string own_data;
    for (const std::string& run : params_.runs) networks.push_back(opened(context, run, own_data));
    const Dataset data = context.dataset(params_.dataset.empty() ? own_data : params_.dataset);
    if (!data.train.spikes) require_arrays(data);
    const AttackSamples samples = samples_of(data);
    const LaboratoryPlan plan = params_.plan(samples.bounds);
    for (const AttackedNetwork& network : networks) require_fit(network, data, samples);
    set_draws(context, networks, samples);
    for (AttackedNetwork& network : networks)
      network.result = attack_network(*network.model, samples, plan_of(network, plan), context);
    const std::vector<TransferMatrix> transfers = transferred(context, networks, samples, plan);
    for (std::size_t i = 0; i < networks.size(); ++i) look_for_masking(context, networks, i, transfers, samples, plan);
    show(context, networks, transfers, samples, data);
  }

 private:
  AttackedNetwork opened(RunContext& context, const std::string& run, std::string& own_data) const {
    TrainedNetwork trained = context.network(run);
    if (own_data.empty()) own_data = trained.dataset;
    if (params_.scalar != "trained" && trained.state.description.settings.find("scalar")) {
      trained.state.description.settings.set("scalar", params_.scalar);
      for (auto& [name, array] : trained.state.arrays) array = converted(array, floating_dtype(params_.scalar));
    }
    AttackedNetwork network;
    network.name = name_of(run);
    if (params_.runs.size() > 1) network.label = network.name + "_";
    network.model = network_with(trained.state, context.registry(), run);
    return network;
  }

  /// What tells this run from the others: the last name of its path, with the one before where two end alike.
  std::string name_of(const std::string& run) const {
    const auto last = [](const std::string& path, int names) {
      std::filesystem::path rest = std::filesystem::path(path).lexically_normal();
      std::string text = rest.filename().string();
      for (int i = 1; i < names && rest.has_parent_path(); ++i) {
        rest = rest.parent_path();
        if (rest.filename() != "members") text = rest.filename().string() + "-" + text;
      }
      return text;
    };
    for (int names = 1;; ++names) {
      std::string text = last(run, names);
      if (std::ranges::count_if(params_.runs, [&](const std::string& other) { return last(other, names) == text; }) < 2)
        return text;
    }
  }

  AttackSamples samples_of(const Dataset& data) const {
    const Split& split = params_.split == "test" ? data.test : data.train;
    if (split.samples() == 0)
      throw DataError(data.name, "has no " + params_.split + " samples",
                      params_.split == "test" ? "set split=train" : "");
    if (!split.has_labels())
      throw DataError(data.name, "has no labels: whole numbers 0, 1, 2 …, one for each sample",
                      "an attack wants to know which answer is right");
    if (split.spikes)
      throw SpecError("the samples of " + data.name + " are spikes, but attacks change numbers",
                      "attack a network that makes spikes of numbers itself (poisson_encoder)");
    const std::size_t count = std::min(split.samples(), static_cast<std::size_t>(params_.samples));
    return {ArrayView(split.x).rows(0, count), ArrayView(split.y).rows(0, count), data.divisor,
            bounds_of(params_.bounds, split.x, data.divisor, "bounds")};
  }

  static LaboratoryPlan plan_of(const AttackedNetwork& network, LaboratoryPlan plan) {
    plan.eot = network.eot;
    return plan;
  }

  /// Gradients are averaged over draws where a network draws its answers: one of them must, if that is asked for.
  void set_draws(RunContext& context, std::vector<AttackedNetwork>& networks, const AttackSamples& samples) const {
    if (params_.eot == 1) return;
    bool any = false;
    for (AttackedNetwork& network : networks) {
      network.eot = params_.draws_of(*network.model, samples, context);
      any = any || network.eot > 1;
    }
    if (!any) throw params_.nothing_is_drawn(networks.front().name);
  }

  static void require_fit(const AttackedNetwork& network, const Dataset& data, const AttackSamples& samples) {
    if (!entry_fits(samples.x.shape().tail(), network.model->input_shape()))
      throw ShapeError("samples of " + data.name, to_string(network.model->input_shape()),
                       to_string(samples.x.shape().tail()), "the network of " + network.name + " takes no other");
  }

  /// The first attack that follows gradients for some steps, without stopping at the first success: what it makes on one network
  /// is shown to all.
  std::vector<TransferMatrix> transferred(RunContext& context, const std::vector<AttackedNetwork>& networks,
                                          const AttackSamples& samples, LaboratoryPlan plan) const {
    std::vector<TransferMatrix> matrices;
    if (networks.size() < 2) return matrices;
    for (const auto& [norm, epsilons] : norms_of(networks.front().result)) {
      TransferMatrix matrix{"pgd", norm, epsilons[epsilons.size() / 2], {}};
      Component pgd{"pgd", Value::table()};
      pgd.settings.set("norm", neurarium::name_of(norm));
      pgd.settings.set("early_stop", false);
      plan.attacks = {pgd}, plan.epsilons_linf = plan.epsilons_l2 = {matrix.epsilon};
      for (const AttackedNetwork& source : networks) {
        const LaboratoryResult made = attack_network(*source.model, samples, plan_of(source, plan), context);
        std::vector<std::vector<bool>> row;
        for (const AttackedNetwork& target : networks)
          row.push_back(right_of(decisions(*target.model, made.outcomes.front().changed, context), made.labels));
        matrix.right.push_back(std::move(row));
      }
      matrices.push_back(std::move(matrix));
    }
    return matrices;
  }

  static std::vector<bool> right_of(const std::vector<std::size_t>& answers, const std::vector<std::int64_t>& labels) {
    std::vector<bool> right;
    for (std::size_t i = 0; i < answers.size(); ++i)
      right.push_back(static_cast<std::int64_t>(answers[i]) == labels[i]);
    return right;
  }

  void look_for_masking(RunContext& context, std::vector<AttackedNetwork>& networks, std::size_t i,
                        const std::vector<TransferMatrix>& matrices, const AttackSamples& samples,
                        const LaboratoryPlan& plan) const {
    AttackedNetwork& network = networks[i];
    std::vector<TransferOutcome> transfers;
    for (const TransferMatrix& matrix : matrices)
      for (std::size_t source = 0; source < networks.size(); ++source)
        if (source != i)
          transfers.push_back({networks[source].name, matrix.norm, matrix.epsilon, matrix.right[source][i]});
    network.warnings =
        params_.warnings(*network.model, samples, plan_of(network, plan), network.result, transfers, context);
  }

  void show(RunContext& context, const std::vector<AttackedNetwork>& networks,
            const std::vector<TransferMatrix>& transfers, const AttackSamples& samples, const Dataset& data) const {
    context.add(
        Figure{"lowest", samples.bounds.low, "", "Least number that a sample may hold: ε is in these units.", {}, {}});
    context.add(Figure{"highest", samples.bounds.high, "", "Largest number that a sample may hold.", {}, {}});
    for (const AttackedNetwork& network : networks) {
      add_attack_figures(context, network);
    }
    add_attack_curves(context, networks);
    for (const AttackedNetwork& network : networks) {
      add_attack_tables(context, network, params_.clean_coverage);
      add_attack_warnings(context, network);
      add_attack_arrays(context, network);
    }
    for (const TransferMatrix& matrix : transfers) add_transfer_matrix(context, networks, matrix);
    if (params_.pictures > 0)
      for (const AttackedNetwork& network : networks)
        add_attack_pictures(context, network, samples, data, static_cast<std::size_t>(params_.pictures));
    context.answer(answer(networks));
  }

  static std::string answer(const std::vector<AttackedNetwork>& networks) {
    std::string text;
    for (const AttackedNetwork& network : networks) {
      const auto [norm, epsilons] = norms_of(network.result).front();
      const double epsilon = epsilons[epsilons.size() / 2];
      text += (text.empty() ? "" : " ") + network.name + ": " + percent(network.result.clean_accuracy, 1) + " of " +
              with_commas(network.result.samples) + " samples are right unchanged, " +
              percent(accuracy_at(worst_case(network.result, norm), epsilon), 1) + " after the worst attack within " +
              neurarium::name_of(norm) + " ε = " + in_digits(epsilon, 4) + ".";
      if (!network.warnings.empty())
        text += " " + std::to_string(network.warnings.size()) +
                (network.warnings.size() == 1 ? " warning says" : " warnings say") + " that this may flatter it.";
    }
    return text;
  }

  Params params_;
};

}  // namespace

void register_attack_network(Registry& registry) {
  registry
      .add<Params>("study", "attack-network",
                   "How little must a sample change for a trained network to answer wrongly?")
      .makes<Study>([](const Params& p) { return std::make_unique<AttackNetwork>(p); });
}

}  // namespace neurarium
