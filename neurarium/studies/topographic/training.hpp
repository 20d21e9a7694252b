// One map from its first weights to its last, measured on the way.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "neurarium/nn/model.hpp"
#include "neurarium/studies/topographic/images.hpp"
#include "neurarium/studies/topographic/map_order.hpp"
#include "neurarium/studies/topographic/measures.hpp"
#include "neurarium/studies/topographic/phases.hpp"
#include "neurarium/train/extra_state.hpp"
#include "neurarium/train/local_trainer.hpp"

namespace neurarium {

/// Everything measured of a map at one moment.
struct MapMeasures {
  CodeMeasures code;
  WeightMeasures weights;
  MapOrder order;            ///< by weights
  MapOrder response_order;   ///< by responses to the held-out images; empty if not asked for
  double colour_smoothness;  ///< NaN for greys

  double neighbour_correlation() const { return order.at(1); }
};

/// The activity and the reconstruction of images [n, D] (any floating type).
struct Response {
  Array activity, reconstruction;
};
Response respond(const LocalLearner& model, const Array& images);

MapMeasures measure_map(LocalLearner& model, const StudyImages& images, const Grid& grid, bool responses_too = true);

/// What is kept of a map after each epoch: a row of figures, and a small picture of its weights. Both are part of the
/// checkpoint, so that a resumed run ends with the same curves and the same pictures.
class History {
 public:
  static constexpr const char* columns[] = {
      "epoch", "mean_activity", "snr_db",    "gain_corrected_snr_db", "neighbour_correlation", "far_correlation",
      "knn8",  "max_share_on",  "dead_units"};
  History() : curve_("topographic_map.curve", std::size(columns)) {}

  void add_row(std::uint64_t epoch, const MapMeasures& m);
  void add_frame(std::uint64_t epoch, Array picture);
  std::size_t rows() const { return curve_.size(); }
  std::vector<double> column(const std::string& name) const;
  std::vector<std::pair<std::string, double>> row(std::size_t i) const;
  const std::vector<Array>& frames() const { return frames_; }
  const std::vector<std::uint64_t>& frame_epochs() const { return frame_epochs_; }

  ExtraState state();

 private:
  Rows curve_;
  std::vector<Array> frames_;
  std::vector<std::uint64_t> frame_epochs_;
};

struct TrainedMap {
  std::unique_ptr<LocalLearner> model;
  History history;
  MapMeasures measures;
  double samples = 0, seconds = 0;  ///< learned in this process, and the time that took without the measures

  ArrayView weights() const { return model->parameters().front().values; }
};

/// Trains `component` as a phase of the run. `name` as for Phase.
TrainedMap train_map(const Component& component, const StudyImages& images, const Grid& grid,
                     const LocalTrainParams& params, RunContext& context, SharedCheckpoint& checkpoint,
                     const std::string& words, const std::string& name);

}  // namespace neurarium
