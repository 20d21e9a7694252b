// digits: what do the pictures of a data set look like? (founding notebook: learning-anns, the first 360 test digits,
// 15 × 24, without gaps) And what will a network see of them that is trained with data augmentation?
#include <algorithm>
#include <numeric>

#include "neurarium/nn/augmentation.hpp"
#include "neurarium/nn/image_tiles.hpp"
#include "neurarium/nn/raster.hpp"
#include "neurarium/nn/study.hpp"
#include "neurarium/studies/backprop/studies.hpp"

namespace neurarium {
namespace {

struct Params {
  std::string dataset = "fashion-mnist";
  std::string split = "test";
  std::int64_t first = 0;
  std::int64_t rows = 15;
  std::int64_t columns = 24;
  std::int64_t gap = 0;
  AugmentationParams augmentation;
  static Schema fields() {
    return Schema::of<Params>({
        field("dataset", &Params::dataset, "A data set of pictures; mnist is the notebook's."),
        field("split", &Params::split, "Which part of it.").one_of({"test", "train"}),
        field("first", &Params::first, "Number of the first picture shown.").at_least(0),
        field("rows", &Params::rows, "Rows of the sheet.").between(1, 200),
        field("columns", &Params::columns, "Columns of the sheet.").between(1, 200),
        field("gap", &Params::gap, "Distance between two pictures.").unit("pixel").between(0, 50),
        field("augmentation", &Params::augmentation,
              "A second sheet: the same pictures as training with these settings shows them."),
    });
  }
};

class Digits : public Study {
 public:
  explicit Digits(const Params& params) : params_(params) {}

  void run(RunContext& context) override {
    const Dataset data = context.dataset(params_.dataset);
    require_arrays(data);
    const Split& split = params_.split == "test" ? data.test : data.train;
    if (split.samples() == 0)
      throw DataError(params_.dataset, "has no " + params_.split + " samples",
                      params_.split == "test" ? "set split = \"train\"" : "give x");
    const auto first = static_cast<std::size_t>(params_.first), rows = static_cast<std::size_t>(params_.rows),
               columns = static_cast<std::size_t>(params_.columns);
    if (first >= split.samples())
      throw SpecError("first: there are only " + std::to_string(split.samples()) + " " + params_.split + " samples",
                      "give a smaller number");
    const std::size_t count = std::min(rows * columns, split.samples() - first);
    const Array tiles = picture_bytes(split.x.view().rows(first, count), params_.dataset);
    context.array("pictures", tiles);
    const auto sheet = [&](const Array& shown) {
      return mosaic(shown, std::min(rows, (count + columns - 1) / columns), columns,
                    static_cast<std::size_t>(params_.gap));
    };
    const std::string which = "ictures " + std::to_string(first) + " to " + std::to_string(first + count - 1) +
                              " of the " + params_.split + " set of " + data.name;
    context.add(Picture{"sheet", "Pictures of " + data.name,
                        "P" + which + ", row by row, " + std::to_string(columns) + " in a row.", sheet(tiles), false});
    if (params_.augmentation.wanted()) {
      const Array changed = shown_in_training(tiles, first, context.seed());
      context.array("augmented", changed);
      context.add(Picture{"augmented", "The same pictures, augmented",
                          "P" + which +
                              " as training shows them in its first epoch with these augmentation settings "
                              "and the run's seed. Each epoch draws anew.",
                          sheet(changed), false});
    }
    context.add(Figure{"shown", static_cast<std::int64_t>(count), "", "Pictures on the sheet.", {}, {}});
    context.add(Figure{"samples",
                       static_cast<std::int64_t>(split.samples()),
                       "",
                       "Pictures in the " + params_.split + " set.",
                       {},
                       {}});
    context.add(Figure{"mean_brightness",
                       brightness(split.x, data.divisor),
                       "",
                       "Mean of all numbers of that set, in the units that a model sees.",
                       {},
                       {}});
    std::string classes;
    if (split.has_labels()) classes = add_classes(context, data, split, first, count);
    context.answer(std::to_string(split.samples()) + " pictures of " + to_string(split.entry_shape()) + classes +
                   "; the sheet shows " + std::to_string(count) + " of them.");
  }

 private:
  /// Bytes [n, height, width(, 3)] as training in epoch 0 sees them.
  Array shown_in_training(const Array& tiles, std::size_t first, std::uint64_t seed) const {
    std::vector<std::uint64_t> ids(tiles.shape()[0]);
    std::iota(ids.begin(), ids.end(), first);
    return to_bytes(augmented(tiles, params_.augmentation, {Mode::train, seed, 0, 0, ids}), 0, 255);
  }

  static double brightness(ArrayView x, double divisor) {
    double sum = 0;
    constexpr std::size_t at_once = 1000;
    for (std::size_t i = 0; i < x.shape()[0]; i += at_once) {
      const Tensor<double> numbers = to_tensor<double>(x.rows(i, std::min(at_once, x.shape()[0] - i)));
      for (const double v : numbers.flat()) sum += v;
    }
    return x.size() > 0 ? sum / divisor / static_cast<double>(x.size()) : 0;
  }

  static std::string add_classes(RunContext& context, const Dataset& data, const Split& split, std::size_t first,
                                 std::size_t count) {
    const auto labels = split.y.as<std::int64_t>().flat();
    const auto [least, most] = std::ranges::minmax(labels);
    const std::size_t classes =
        std::max(data.classes.size(), static_cast<std::size_t>(std::max<std::int64_t>(most, 0)) + 1);
    if (least < 0 || classes > 1000) return "";
    std::vector<std::size_t> all(classes), shown(classes);
    for (std::size_t i = 0; i < labels.size(); ++i) {
      ++all[static_cast<std::size_t>(labels[i])];
      if (i >= first && i < first + count) ++shown[static_cast<std::size_t>(labels[i])];
    }
    Table table{"classes",
                "Classes",
                "How many pictures of each class there are.",
                {"label", "class", "in the set", "on the sheet"},
                {}};
    for (std::size_t k = 0; k < classes; ++k)
      table.rows.push_back({std::to_string(k), data.class_name(k), std::to_string(all[k]), std::to_string(shown[k])});
    context.add(std::move(table));
    context.add(Figure{"classes", static_cast<std::int64_t>(classes), "", "Different labels.", {}, {}});
    return " in " + std::to_string(classes) + " classes";
  }
  Params params_;
};

}  // namespace

void register_digits(Registry& registry) {
  registry.add<Params>("study", "digits", "What do the pictures of a data set look like?")
      .makes<Study>([](const Params& params) { return std::make_unique<Digits>(params); });
}

}  // namespace neurarium
