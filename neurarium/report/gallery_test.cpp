#include "neurarium/report/gallery.hpp"

#include <gtest/gtest.h>

#include "neurarium/nn/raster.hpp"

namespace neurarium {
namespace {

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

Report finished() {
  Report report;
  report.study = "topographic-map";
  report.question = "Do neighbours learn alike?";
  report.answer = "Yes: 0.81 > 0.1.";
  report.exhibits.push_back(Remark{"First", "no picture"});
  report.exhibits.push_back(Picture{"tapestry", "Tapestry", "Weights.", blank_image(2, 2, {9, 9, 9}), false});
  report.exhibits.push_back(Picture{"second", "Second", "Another.", blank_image(3, 3, {1, 1, 1}), false});
  return report;
}

TEST(Gallery, CardTakesTheFirstPicture) {
  const GalleryCard card =
      gallery_card(finished(), "topographic-map/report.html", 9.5, "neurarium run topographic-map");
  ASSERT_TRUE(card.picture.has_value());
  EXPECT_EQ(card.picture->name, "tapestry");
  EXPECT_EQ(card.state, GalleryCard::State::done);
}

TEST(Gallery, PageShowsEveryCardAndTheTime) {
  std::vector<GalleryCard> cards{
      gallery_card(finished(), "topographic-map/report.html", 9.5, "neurarium run topographic-map")};
  GalleryCard missing;
  missing.study = "digit-cnn";
  missing.state = GalleryCard::State::missing_data;
  missing.command = "neurarium data get mnist";
  missing.note = "The data set mnist is not on this machine.";
  cards.push_back(missing);
  GalleryCard failed;
  failed.study = "dale-ratio";
  failed.state = GalleryCard::State::failed;
  failed.note = "layer <2> became NaN";
  cards.push_back(failed);
  const std::string page = gallery_page(cards, {72.4, "0.1.0", "make gallery"});

  EXPECT_TRUE(holds(page, "1 of 3 studies drawn in 1 min 12 s"));
  EXPECT_TRUE(holds(page, "<a href=\"topographic-map/report.html\">Topographic map</a>"));
  EXPECT_TRUE(holds(page, "Yes: 0.81 &gt; 0.1."));
  EXPECT_TRUE(holds(page, "alt=\"Weights.\""));
  EXPECT_FALSE(holds(page, "alt=\"Another.\""));
  EXPECT_TRUE(holds(page, "in 9.5 s"));
  EXPECT_TRUE(holds(page, "neurarium data get mnist"));
  EXPECT_TRUE(holds(page, "layer &lt;2&gt; became NaN"));
  EXPECT_TRUE(holds(page, "data missing"));
}

TEST(Gallery, NeedsNoScriptAndNothingFromElsewhere) {
  const std::string page = gallery_page({gallery_card(finished(), "a/report.html", 1, "")});
  EXPECT_FALSE(holds(page, "<script"));
  EXPECT_FALSE(holds(page, "http:"));
  EXPECT_FALSE(holds(page, "https:"));
}

}  // namespace
}  // namespace neurarium
