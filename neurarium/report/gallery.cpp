#include "neurarium/report/gallery.hpp"

#include <algorithm>

#include "neurarium/report/markup.hpp"
#include "neurarium/report/page.hpp"

namespace neurarium {
namespace {

struct StateWords {
  const char* css;
  const char* text;
  const char* before_command;
};

StateWords words(GalleryCard::State state) {
  switch (state) {
    case GalleryCard::State::done: return {"done", "done", "Again:"};
    case GalleryCard::State::missing_data: return {"no-data", "data missing", "Get it:"};
    case GalleryCard::State::not_in_gallery: return {"waiting", "not in the gallery", "Run it:"};
    case GalleryCard::State::failed: return {"failed", "failed", "Try again:"};
  }
  throw InternalError("unknown state of a gallery card");
}

std::string card_html(const GalleryCard& card) {
  const StateWords state = words(card.state);
  const std::string title = escape_html(heading_of(card.study));
  const std::string link = card.report.empty() ? "" : "<a href=\"" + escape_html(card.report) + "\">";
  std::string out = std::string("<article class=\"card ") + state.css + "\" id=\"" + escape_html(card.study) + "\">\n";
  if (card.picture) {
    const Picture& picture = *card.picture;
    const std::string& words_for_it = picture.caption.empty() ? picture.title : picture.caption;
    out += "<div class=\"view\">" +
           picture_tag(picture.pixels.shape(), base64(png_bytes(picture.pixels)), words_for_it, picture.smooth) +
           "</div>\n";
  } else {
    out += std::string("<div class=\"view empty\"><span>") +
           (card.state == GalleryCard::State::done ? "no picture" : state.text) + "</span></div>\n";
  }
  out += "<div class=\"words\"><h2>" + link + title + (link.empty() ? "" : "</a>") + "</h2>\n";
  if (!card.question.empty()) out += "<p class=\"asks\">" + escape_prose(card.question) + "</p>\n";
  if (!card.answer.empty()) out += "<p class=\"says\">" + escape_prose(card.answer) + "</p>\n";
  if (!card.note.empty()) out += "<p class=\"why\">" + escape_prose(card.note) + "</p>\n";
  if (!card.command.empty())
    out += std::string("<p class=\"how\">") + state.before_command + " <code>" + escape_html(card.command) +
           "</code></p>\n";
  out += std::string("<p class=\"state\"><span class=\"chip\">") + state.text + "</span>" +
         (card.state == GalleryCard::State::done ? " in " + format_seconds(card.seconds) : "") + "</p>\n";
  return out + "</div></article>\n";
}

}  // namespace

GalleryCard gallery_card(const Report& report, std::string report_link, double seconds, std::string command) {
  GalleryCard card;
  card.study = report.study;
  card.question = report.question;
  card.answer = report.answer;
  for (const Exhibit& exhibit : report.exhibits)
    if (const auto* picture = std::get_if<Picture>(&exhibit); picture && !card.picture) card.picture = *picture;
  card.report = std::move(report_link);
  card.seconds = seconds;
  card.command = std::move(command);
  return card;
}

std::string gallery_page(const std::vector<GalleryCard>& cards, const GalleryContext& context) {
  const auto done = std::count_if(cards.begin(), cards.end(),
                                  [](const GalleryCard& card) { return card.state == GalleryCard::State::done; });
  std::string body = "<header class=\"page\"><p class=\"kicker\">Neurarium" +
                     (context.version.empty() ? "" : " " + escape_html(context.version)) +
                     "</p>\n<h1>Gallery</h1>\n<p class=\"question\">" + std::to_string(done) + " of " +
                     std::to_string(cards.size()) + (cards.size() == 1 ? " study" : " studies") + " drawn in " +
                     format_seconds(context.seconds) +
                     ". Each card leads to its report.</p>\n</header>\n<main class=\"gallery\">\n";
  for (const GalleryCard& card : cards) body += card_html(card);
  body += "</main>\n";
  if (!context.command.empty())
    body += "<footer class=\"page\"><p>Made by <code>" + escape_html(context.command) + "</code>.</p></footer>\n";
  return page("Gallery", body, false);
}

}  // namespace neurarium
