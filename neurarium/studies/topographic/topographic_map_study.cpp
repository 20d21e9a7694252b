// topographic-map: do features that excite their neighbours order themselves into a map?
// (founding notebook: topographic-sparsedream)
#include <algorithm>
#include <cmath>
#include <limits>

#include "neurarium/nn/build_model.hpp"
#include "neurarium/studies/topographic/findings.hpp"
#include "neurarium/studies/topographic/words.hpp"

namespace neurarium {
namespace {

struct AnalysisParams {
  std::vector<std::int64_t> images = {110, 401, 656, 420, 25, 98};
  std::int64_t held_out = 4000;
  bool control = true;
  bool compare_fidelity = true;
  std::int64_t compare_epochs = 1;
  static Schema fields() {
    using P = AnalysisParams;
    return Schema::of<P>({
        field("images", &P::images, "Test images shown with their code and reconstruction.").at_least(0),
        field("held_out", &P::held_out, "Test images on which the figures are taken.").at_least(1),
        field("control", &P::control, "Train the same map without lateral connections (radius 0), too."),
        field("compare_fidelity", &P::compare_fidelity,
              "Train the same map by the other rule (notebook or corrected), too, and each of the notebook's slips "
              "mended for "
              "compare_epochs."),
        field("compare_epochs", &P::compare_epochs, "Epochs for which the single mends are compared.").at_least(1),
    });
  }
};

struct Params {
  std::string dataset = "cifar10";
  Component model{"topographic_map", Value::table()};
  ImageParams data;
  LocalTrainParams train;
  AnalysisParams analysis;
  static Schema fields() {
    return Schema::of<Params>({
        field("dataset", &Params::dataset,
              "Images: a data set's name, a .npz file with x, or images:FOLDER of photographs."),
        component("model", &Params::model, "model", "The map."),
        field("data", &Params::data, "What is cut from the images."),
        field("train", &Params::train, "How long and in which order it sees them."),
        field("analysis", &Params::analysis, "What is shown and measured."),
    });
  }
};

class TopographicMapStudy : public Study {
 public:
  explicit TopographicMapStudy(const Params& params) : params_(params) {
    const auto& images = params_.analysis.images;
    for (std::size_t i = 0; i < images.size(); ++i)
      if (std::find(images.begin(), images.begin() + static_cast<std::ptrdiff_t>(i), images[i]) !=
          images.begin() + static_cast<std::ptrdiff_t>(i))
        throw SpecError("analysis.images: image " + std::to_string(images[i]) + " is listed twice", "list each once");
  }

  void run(RunContext& context) override {
    Findings found;
    found.images = load_images(context, params_.dataset, params_.data,
                               static_cast<std::size_t>(params_.analysis.held_out), params_.analysis.images);
    found.shown = params_.analysis.images;
    found.model = fitted(params_.model, context.registry(), {found.images.shape.numbers()}, context.seed());
    found.grid = {grid_size(found.model, "rows"), grid_size(found.model, "columns")};

    SharedCheckpoint checkpoint(context);
    found.map = trained(found, context, checkpoint, found.model, "map", "train", "");
    if (params_.analysis.control && setting(found.model, "radius") > 0) {
      Component control = found.model;
      control.settings.set("radius", 0);
      found.control = side_map(found, context, checkpoint, control, "control", "control");
    }
    const Value* fidelity = found.model.settings.find("fidelity");
    if (params_.analysis.compare_fidelity && fidelity && fidelity->is_text()) {
      Component other = found.model;
      const std::string name = fidelity->as_text() == "notebook" ? "corrected" : "notebook";
      other.settings.set("fidelity", name);
      if (other.settings.find("corrections")) other.settings.set("corrections", Value::List{});
      found.other_fidelity = side_map(found, context, checkpoint, other, name, name + " rule");
    }

    add_figures(context, found);
    add_tapestries(context, found);
    add_questions(context, found);
    add_measures(context, found);
    add_order_charts(context, found);
    add_colour_positions(context, found);
    add_codes(context, found);
    if (params_.analysis.compare_fidelity)
      add_fidelity_comparison(context, found, params_.train, params_.analysis.compare_epochs);
    LocalLearner& model = *found.map.map.model;
    for (const NamedView& item : model.parameters()) context.array(item.name, Array(ArrayView(item.values)));
    for (const NamedView& item : model.buffers()) context.array(item.name, Array(ArrayView(item.values)));
    if (found.control) context.array("control_weights", Array(found.control->map.weights()));
    context.answer(answer(found));
  }

 private:
  static double setting(const Component& model, const char* name) {
    const Value* value = model.settings.find(name);
    return value && value->is_number() ? value->as_number() : 0;
  }

  static std::size_t grid_size(const Component& model, const char* name) {
    const Value* given = model.settings.find(name);
    if (!given || !given->is_integer())
      throw SpecError(std::string("model.") + name + ": this study needs a model on a grid");
    return static_cast<std::size_t>(given->as_integer());
  }

  /// `phase` is "" for the map itself, else the name of a side training.
  NamedMap trained(const Findings& found, RunContext& context, SharedCheckpoint& checkpoint, const Component& model,
                   const std::string& name, const std::string& words, const std::string& phase) const {
    NamedMap map{name, train_map(model, found.images, found.grid, params_.train, context, checkpoint, words, phase),
                 reference_for(found.images, model), std::nullopt};
    if (found.images.shape.in_colour())
      map.colours =
          colour_positions(colour_shares(map.map.weights(), found.images.shape).view(), found.grid, context.seed());
    return map;
  }

  /// A map to compare with: if it diverges, the report does without it and says so.
  std::optional<NamedMap> side_map(const Findings& found, RunContext& context, SharedCheckpoint& checkpoint,
                                   const Component& model, const std::string& name, const std::string& words) const {
    try {
      return trained(found, context, checkpoint, model, name, words, name);
    } catch (const NumericError& error) {
      context.add(Remark{"No " + name + " to compare with", std::string("Its training diverged: ") + error.what()});
      return std::nullopt;
    }
  }

  static std::string answer(const Findings& found) {
    const MapMeasures& m = found.map.map.measures;
    const double chance = nearest_share_by_chance(found.grid);
    std::string text = "Of a unit's eight most alike units " + percent(m.order.nearest_share) +
                       " stand within distance 2 (by chance " + percent(chance);
    if (found.control)
      text += ", without lateral connections " + percent(found.control->map.measures.order.nearest_share);
    text += "). The " + std::to_string(found.grid.rows) + " × " + std::to_string(found.grid.columns) +
            " units code the shape of held-out images at " + rounded(m.code.gain_corrected_snr_db, 1) + " dB (" +
            rounded(m.code.snr_db, 1) + " dB without the best gain); on one image up to " +
            percent(m.code.max_share_on) + " of them fire together.";
    return text;
  }

  Params params_;
};

}  // namespace

const NamedMap* Findings::with_fidelity(const std::string& fidelity) const {
  const Value* mine = model.settings.find("fidelity");
  if (!mine || !mine->is_text()) return nullptr;
  const Value* corrections = model.settings.find("corrections");
  if (mine->as_text() == fidelity && (!corrections || corrections->as_list().empty())) return &map;
  return other_fidelity && other_fidelity->name == fidelity ? &*other_fidelity : nullptr;
}

double Findings::wanted_activity() const {
  const Value* wanted = model.settings.find("sparsity");
  return wanted && wanted->is_number() ? wanted->as_number() : std::numeric_limits<double>::quiet_NaN();
}

void register_topographic_studies(Registry& registry) {
  registry
      .add<Params>("study", "topographic-map", "Do features that excite their neighbours order themselves into a map?")
      .makes<Study>([](const Params& params) { return std::make_unique<TopographicMapStudy>(params); });
}

}  // namespace neurarium
