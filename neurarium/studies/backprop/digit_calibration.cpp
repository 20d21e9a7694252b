// Whether the network's confidence deserves belief.
#include "neurarium/core/words.hpp"
#include "neurarium/studies/backprop/digit_findings.hpp"

namespace neurarium {

void add_calibration(RunContext& context, const DigitFindings& found) {
  if (!found.calibration) return;
  const Calibration& calibration = *found.calibration;
  Trace ideal, bins;
  ideal.name = "as sure as right";
  ideal.x = ideal.y = {0, 100};
  bins.name = "this network";
  bins.kind = Trace::Kind::points;
  Table table{"calibration-bins",
              "The bins of the reliability diagram",
              "Test images by the probability that the network gives its answer.",
              {"confidence", "images", "mean confidence", "accuracy"},
              {}};
  const auto count = static_cast<double>(calibration.bins.size());
  for (std::size_t b = 0; b < calibration.bins.size(); ++b) {
    const Calibration::Bin& bin = calibration.bins[b];
    if (bin.samples == 0) continue;
    bins.x.push_back(100 * bin.confidence);
    bins.y.push_back(100 * bin.accuracy);
    bins.labels.push_back(with_commas(bin.samples) + " images");
    const auto low = static_cast<double>(b);
    table.rows.push_back({rounded(100 * low / count, 1) + "–" + percent((low + 1) / count, 1), with_commas(bin.samples),
                          percent(bin.confidence, 1), percent(bin.accuracy, 1)});
  }
  if (bins.labels.size() <= 12) bins.labels.clear();  // so few would be written into the chart, over one another
  const bool boastful = calibration.confidence > found.confusion.accuracy();
  context.add(Chart{"reliability",
                    "Is it as often right as it is sure?",
                    "Test images in " + std::to_string(calibration.bins.size()) +
                        " bins by the probability of the network's answer: how often it is right, against its mean "
                        "confidence. Below the line it is too sure. Mean confidence " +
                        percent(calibration.confidence, 2) + ", accuracy " + percent(found.confusion.accuracy(), 2) +
                        ": on the whole it is too " + (boastful ? "sure" : "modest") + ". Expected calibration error " +
                        percent(calibration.expected_error, 2) + ". Bins with few images jump.",
                    "mean confidence, %",
                    "accuracy, %",
                    "",
                    {std::move(ideal), std::move(bins)},
                    false,
                    true});
  context.add(std::move(table));
}

}  // namespace neurarium
