// The notebook's own questions and claims, answered with the numbers of this run.
#include <cmath>

#include "neurarium/studies/topographic/findings.hpp"
#include "neurarium/studies/topographic/words.hpp"

namespace neurarium {
namespace {

// Where "yes" begins. The caption states them.
constexpr double clear_order = 2, some_order = 1.2;         // knn8 over its chance level
constexpr double clear_colours = 0.9, some_colours = 0.98;  // colour smoothness over the control's
constexpr double avalanche = 0.9, crowd = 5;                // largest share on; the same over s
constexpr double pixels_zero = 0.9, pixels_hoyer = 0.9;
constexpr double significant = 0.05;

std::string reference_text(const std::optional<ReferenceValues>& values, double ReferenceValues::*which, int digits) {
  return values ? rounded((*values).*which, digits) : "—";
}

class Answers {
 public:
  explicit Answers(const Findings& found)
      : found_(found), m_(found.map.map.measures), reference_(found.map.reference) {}

  std::vector<std::vector<std::string>> rows() {
    order();
    if (found_.map.colours) {
      colours();
      place_of(blue, "“The blue is clustered mostly at the edges and corners”", true);
      place_of(red, "“Red centralized”", false);
      bottom_row();
    }
    together();
    if (!found_.images.shape.in_colour()) pixels();
    return std::move(rows_);
  }

 private:
  using Get = double (*)(const MapMeasures&);
  std::string of_control(Get get, int digits) const {
    return found_.control ? rounded(get(found_.control->map.measures), digits) : "—";
  }

  void order() {
    const double chance = nearest_share_by_chance(found_.grid), ratio = m_.order.nearest_share / chance;
    const std::string word = ratio >= clear_order ? "Yes" : ratio >= some_order ? "A little" : "No";
    rows_.push_back({"“The topological organization of that feature map is incredibly striking”",
                     word + ": of a unit's eight most alike units " + percent(m_.order.nearest_share, 1) +
                         " stand within distance 2; by chance " + percent(chance, 1) + ".",
                     found_.control ? percent(found_.control->map.measures.order.nearest_share, 1) : "—",
                     reference_ ? percent(reference_->knn8, 1) : "—"});
  }

  void colours() {
    const double mine = m_.colour_smoothness,
                 base = found_.control ? found_.control->map.measures.colour_smoothness : 1.0;
    const double ratio = mine / base;
    const std::string word = ratio < clear_colours ? "Yes" : ratio < some_colours ? "A little" : "No";
    rows_.push_back(
        {"“You can clearly see the clustering by colors”",
         word + ": the colours of neighbours differ " + rounded(mine, 2) + " times as much as those of any two units.",
         of_control([](const MapMeasures& m) { return m.colour_smoothness; }, 2),
         reference_text(reference_, &ReferenceValues::colour_smoothness, 2)});
  }

  void place_of(std::size_t colour, const char* said, bool at_border) {
    const PlacementTest& test = found_.map.colours->colours[colour].border;
    const bool as_said = at_border ? test.statistic < 0 : test.statistic > 0;
    const std::string name = colour_names[colour], there = at_border ? "towards the border" : "towards the middle",
                      elsewhere = at_border ? "towards the middle" : "towards the border";
    std::string text;
    if (as_said && test.p_moved < significant && test.p_shuffled < significant)
      text = "Yes: more " + name + " " + there + ", and more than elsewhere on a map as smooth";
    else if (as_said && test.p_shuffled < significant)
      text = "More " + name + " " + there + ", but a map as smooth has as much somewhere by chance";
    else if (!as_said && test.p_shuffled < significant)
      text = test.p_moved < significant ? "The other way round: more " + name + " " + elsewhere
                                        : "Not here: rather more " + name + " " + elsewhere +
                                              ", though no more than chance on a map as smooth";
    else text = "No: there is no sign of it";
    const auto statistic = [](const ColourPositions& p, std::size_t c) {
      return rounded(p.colours[c].border.statistic, 2) + " (p " + p_value(p.colours[c].border.p_shuffled) + ", " +
             p_value(p.colours[c].border.p_moved) + ")";
    };
    rows_.push_back(
        {said, text + ". Correlation with the distance from the border " + statistic(*found_.map.colours, colour) + ".",
         found_.control ? statistic(*found_.control->colours, colour) : "—", "—"});
  }

  void bottom_row() {
    rows_.push_back({"“The bottom row, which is predominantly blue”", bottom_row_verdict(found_),
                     found_.control
                         ? rounded(100 * found_.control->colours->blue_excess[0].statistic, 1) + " points (p " +
                               p_value(found_.control->colours->blue_excess[0].p_shuffled) + ")"
                         : "—",
                     "—"});
  }

  void together() {
    const double most = m_.code.max_share_on, wanted = found_.wanted_activity();
    std::string text = most >= avalanche ? "Yes: on one image " + percent(most) + " of the units are on"
                       : std::isfinite(wanted) && most >= crowd * wanted
                           ? "In part: on one image up to " + percent(most) + " of the units are on, " +
                                 rounded(most / wanted, 0) + " times the share wanted"
                           : "No: on no image are more than " + percent(most) + " of the units on";
    text += "; on " + percent(m_.code.silent_images) +
            " of the images (nearly) none. Responses of units far apart correlate " +
            rounded(m_.response_order.far_correlation, 2) + ".";
    rows_.push_back({"“A bunch of neurons fire together for particular inputs, but they don't fire for other inputs”",
                     std::move(text),
                     found_.control ? percent(found_.control->map.measures.code.max_share_on) + "; " +
                                          percent(found_.control->map.measures.code.silent_images) + " none"
                                    : "—",
                     reference_ ? percent(reference_->max_share_on) : "—"});
  }

  void pixels() {
    const WeightMeasures& w = m_.weights;
    const std::string word = w.share_zero >= pixels_zero && w.hoyer_sparseness >= pixels_hoyer   ? "Yes"
                             : w.share_zero >= pixels_zero || w.hoyer_sparseness >= pixels_hoyer ? "Nearly"
                                                                                                 : "No";
    rows_.push_back({"“The network is doing pixel learning”",
                     word + ": " + percent(w.share_zero, 1) + " of the weights are 0, their Hoyer sparseness is " +
                         rounded(w.hoyer_sparseness, 2) + " (1 = a single pixel).",
                     found_.control ? percent(found_.control->map.measures.weights.share_zero, 1) + ", " +
                                          rounded(found_.control->map.measures.weights.hoyer_sparseness, 2)
                                    : "—",
                     reference_ && std::isfinite(reference_->hoyer)
                         ? percent(reference_->share_zero) + ", " + rounded(reference_->hoyer, 2)
                         : "—"});
  }

  const Findings& found_;
  const MapMeasures& m_;
  const std::optional<ReferenceValues>& reference_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace

void add_questions(RunContext& context, const Findings& found) {
  const bool reference = found.map.reference.has_value();
  Table table{"questions",
              "What the notebook said, and what this run found",
              "The words follow from the numbers. Order: yes from " + rounded(clear_order, 0) +
                  " times chance, a little from " + rounded(some_order, 1) + " times. Colours: yes below " +
                  rounded(clear_colours, 2) + " of the control's value, a little below " + rounded(some_colours, 2) +
                  ". Together: yes from " + percent(avalanche) + " of the units on one image, in part from " +
                  rounded(crowd, 0) + " times s. Positions: p < " + rounded(significant, 2) + ".",
              {"the notebook said", "this run found", "control"},
              Answers(found).rows()};
  if (!found.images.shape.in_colour())
    table.caption += " Pixels: yes from " + percent(pixels_zero) + " zeros and Hoyer sparseness " +
                     rounded(pixels_hoyer, 1) + ", nearly with one of them.";
  if (reference) {
    table.columns.emplace_back("reference");
    table.caption += " Reference: " + found.map.reference->source + ".";
  } else {
    for (auto& row : table.rows) row.pop_back();
  }
  context.add(std::move(table));
}

}  // namespace neurarium
