#include "neurarium/studies/topographic/training.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

#include "neurarium/nn/build_model.hpp"
#include "neurarium/studies/topographic/pictures.hpp"

namespace neurarium {
namespace {

constexpr const char* film_name = "topographic_map.film";
constexpr const char* film_epochs_name = "topographic_map.film_epochs";
constexpr std::uint64_t most_frames = 23;  // besides the first

Array output_of(NamedArrays& outputs, const char* name) {
  for (auto& [key, array] : outputs)
    if (key == name) return std::move(array);
  throw SpecError(std::string("model.type: this study needs a model with an output called '") + name + "'");
}

/// [unit, image]
Tensor<double> responses_by_unit(ArrayView activity) {
  const Tensor<double> o = to_tensor<double>(activity);
  const std::size_t images = o.shape()[0], units = o.shape()[1];
  Tensor<double> out({units, images});
  constexpr std::size_t block = 32;
  for (std::size_t first = 0; first < images; first += block)
    for (std::size_t n = 0; n < units; ++n)
      for (std::size_t i = first; i < std::min(images, first + block); ++i) out(n, i) = o(i, n);
  return out;
}

std::uint64_t epochs_of(const LocalTrainParams& params) {
  if (!params.order.given()) return static_cast<std::uint64_t>(params.epochs);
  const Shape& shape = params.order.array->shape();
  return shape.axes() == 2 ? shape[0] : 1;
}

}  // namespace

Response respond(const LocalLearner& model, const Array& images) {
  NamedArrays outputs = model.outputs(converted(images, model.scalar()), {});
  return {output_of(outputs, "activity"), output_of(outputs, "reconstruction")};
}

MapMeasures measure_map(LocalLearner& model, const StudyImages& images, const Grid& grid, bool responses_too) {
  const Response code = respond(model, images.held_out);
  const ArrayView weights = model.parameters().front().values;
  MapMeasures m;
  m.code = measure_code(images.held_out, code.activity, code.reconstruction, grid);
  m.weights = measure_weights(weights);
  m.order = order_of(to_tensor<double>(weights).view(), grid);
  if (responses_too) m.response_order = order_of(responses_by_unit(code.activity).view(), grid);
  m.colour_smoothness = std::numeric_limits<double>::quiet_NaN();
  if (images.shape.in_colour())
    m.colour_smoothness = colour_smoothness(colour_shares(weights, images.shape).view(), grid);
  return m;
}

void History::add_row(std::uint64_t epoch, const MapMeasures& m) {
  curve_.add({static_cast<double>(epoch), m.code.mean_activity, m.code.snr_db, m.code.gain_corrected_snr_db,
              m.neighbour_correlation(), m.order.far_correlation, m.order.nearest_share, m.code.max_share_on,
              m.code.dead_units});
}

void History::add_frame(std::uint64_t epoch, Array picture) {
  frames_.push_back(std::move(picture));
  frame_epochs_.push_back(epoch);
}

std::vector<double> History::column(const std::string& name) const {
  for (std::size_t c = 0; c < std::size(columns); ++c)
    if (name == columns[c]) return curve_.column(c);
  throw InternalError("the history has no " + name);
}

std::vector<std::pair<std::string, double>> History::row(std::size_t i) const {
  std::vector<std::pair<std::string, double>> out;
  for (std::size_t c = 0; c < std::size(columns); ++c) out.emplace_back(columns[c], curve_(i, c));
  return out;
}

ExtraState History::state() {
  ExtraState rows = curve_.state();
  return {[this, save = rows.save] {
            NamedArrays arrays = save();
            if (frames_.empty()) return arrays;
            Array film(DType::u8, frames_.front().shape().with_leading(frames_.size()));
            Array epochs(DType::u64, {frames_.size()});
            for (std::size_t k = 0; k < frames_.size(); ++k) {
              std::memcpy(film.view().rows(k, 1).data(), frames_[k].view().data(), frames_[k].view().bytes());
              epochs.as<std::uint64_t>()(k) = frame_epochs_[k];
            }
            arrays.emplace_back(film_name, std::move(film));
            arrays.emplace_back(film_epochs_name, std::move(epochs));
            return arrays;
          },
          [this, restore = rows.restore](const Checkpoint& checkpoint) {
            restore(checkpoint);
            frames_.clear();
            frame_epochs_.clear();
            const Array *film = checkpoint.find(film_name), *epochs = checkpoint.find(film_epochs_name);
            if (!film || !epochs || film->dtype() != DType::u8 || film->shape().axes() != 4 ||
                epochs->dtype() != DType::u64 || epochs->shape() != Shape{film->shape()[0]})
              throw ResumeError(std::string("the checkpoint has no '") + film_name + "'");
            for (std::size_t k = 0; k < film->shape()[0]; ++k) {
              Array frame(film->view().rows(k, 1));
              frame.reshape(film->shape().tail());
              add_frame(epochs->as<std::uint64_t>()(k), std::move(frame));
            }
          }};
}

TrainedMap train_map(const Component& component, const StudyImages& images, const Grid& grid,
                     const LocalTrainParams& params, RunContext& context, SharedCheckpoint& checkpoint,
                     const std::string& words, const std::string& name) {
  TrainedMap map;
  map.model = build_model<LocalLearner>(component, context.registry(), "learning without a loss gradient");
  Phase phase(context, checkpoint, words, name);
  const std::uint64_t epochs = epochs_of(params), every = (epochs + most_frames - 1) / most_frames;
  map.history.add_frame(0, small_tapestry(map.weights(), images.shape, grid));
  const auto after_epoch = [&](std::uint64_t epoch) {
    const auto start = std::chrono::steady_clock::now();
    map.history.add_row(epoch, measure_map(*map.model, images, grid, false));
    phase.metrics(map.history.row(map.history.rows() - 1));
    if (epoch % every == 0 || epoch == epochs)
      map.history.add_frame(epoch, small_tapestry(map.weights(), images.shape, grid));
    phase.pause(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  };
  ExtraState state = map.history.state();
  state.restore = [&, restore = state.restore](const Checkpoint& saved) {
    restore(saved);
    for (std::size_t i = 0; i < map.history.rows(); ++i) phase.metrics(map.history.row(i));
  };
  train_locally(*map.model, images.training, images.divisor, params, phase, after_epoch, state);
  map.samples = phase.samples();
  map.seconds = phase.seconds();
  map.measures = measure_map(*map.model, images, grid);
  return map;
}

}  // namespace neurarium
