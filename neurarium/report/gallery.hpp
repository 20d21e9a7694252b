// The gallery: one page with a card per study.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "neurarium/nn/result.hpp"

namespace neurarium {

struct GalleryCard {
  enum class State { done, missing_data, not_in_gallery, failed };
  std::string study;
  std::string question;
  std::string answer;  ///< one line
  std::optional<Picture> picture;
  std::string report;   ///< link to the report page, relative to the gallery page; empty = none
  double seconds = 0;   ///< shown when done
  std::string command;  ///< what runs the study, or gets its data
  State state = State::done;
  std::string note;  ///< why it was not drawn, in words
};

struct GalleryContext {
  double seconds = 0;   ///< of the whole gallery
  std::string version;  ///< of the program
  std::string command = "make gallery";
};

/// A finished study's card: question, answer and first picture come from the report.
GalleryCard gallery_card(const Report& report, std::string report_link, double seconds, std::string command);

/// The whole page as UTF-8, without script.
std::string gallery_page(const std::vector<GalleryCard>& cards, const GalleryContext& context = {});

}  // namespace neurarium
