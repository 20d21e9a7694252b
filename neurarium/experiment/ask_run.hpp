// What a run's network says to single pictures.
#pragma once

#include <exception>
#include <filesystem>
#include <string>
#include <vector>

#include "neurarium/data/picture_sample.hpp"
#include "neurarium/experiment/trained_run.hpp"

namespace neurarium {

/// One class, and how strongly the network takes it for the answer.
struct Guess {
  std::size_t label = 0;
  std::string name;  ///< of the class, or the label as digits
  double strength = 0;
};
struct PictureAnswer {
  std::string file;
  std::vector<double> outputs;
  std::vector<Guess> best;  ///< the strongest first, three at most; empty if the network has a single output
};
struct PictureAnswers {
  bool are_probabilities = false;  ///< strengths are softmax probabilities (of logits); else plain outputs
  std::vector<PictureAnswer> pictures;
};
/// Shows PNG or JPEG files to the network, in the numbers that it was trained on: white is the largest number of the
/// run's data, black is 0 (see picture_sample.hpp). DataError for a file that can't be read, ShapeError for a wrong size:
/// thrown at the first, or if `faults` is given, put there, and the other files are answered.
PictureAnswers ask_run(const TrainedRun& run, const std::vector<std::filesystem::path>& files,
                       const PictureOptions& options, std::vector<std::exception_ptr>* faults = nullptr);

}  // namespace neurarium
