// What a page is told of a chart, and its numbers as tables.
#include "neurarium/report/chart_data.hpp"

#include <gmock/gmock.h>

#include <cmath>

#include "neurarium/interchange/json.hpp"
#include "neurarium/report/chart_fixture_test.hpp"

namespace neurarium {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// Row by row: 100 i + j at row i, column j.
Trace heatmap(std::size_t rows, std::size_t columns) {
  Trace trace;
  trace.kind = Trace::Kind::heatmap;
  for (std::size_t j = 0; j < columns; ++j) trace.x.push_back(static_cast<double>(j));
  for (std::size_t i = 0; i < rows; ++i) trace.y.push_back(static_cast<double>(i));
  Tensor<float> grid(Shape{rows, columns});
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < columns; ++j) grid(i, j) = static_cast<float>(100 * i + j);
  trace.grid = Array(grid);
  return trace;
}

TEST(ChartData, KeepsNumbersAndReplacesWhatIsNotFinite) {
  Trace trace = line(3);
  trace.y = {1.0 / 3, NAN, -INFINITY};
  const Value data = parse_json(to_json(chart_data(chart_of(trace), 100), -1), "test");
  const Value& first = data.at("traces").as_list().at(0);
  EXPECT_EQ(first.at("kind").as_text(), "line");
  EXPECT_EQ(first.at("y").as_list()[0].as_number(), 0.333333333);  // nine significant digits
  EXPECT_TRUE(first.at("y").as_list()[1].is_null());
  EXPECT_TRUE(first.at("y").as_list()[2].is_null());
  EXPECT_FALSE(data.at("thinned").as_bool());
}

TEST(ChartData, ThinsEvenlyAndKeepsTheLastPoint) {
  const Value data = chart_data(chart_of(line(1002)), 100);
  const Value::List& x = data.at("traces").as_list()[0].at("x").as_list();
  EXPECT_TRUE(data.at("thinned").as_bool());
  EXPECT_LE(x.size(), 101u);
  EXPECT_EQ(x[1].as_number(), 11);
  EXPECT_EQ(x.back().as_number(), 1001);
}

TEST(ChartData, ThinsGridsAlongBothAxes) {
  const Value data = chart_data(chart_of(heatmap(30, 50)), 400);
  const Value& thin = data.at("traces").as_list()[0];
  const Value::List& x = thin.at("x").as_list();
  const Value::List& y = thin.at("y").as_list();
  const Value::List& rows = thin.at("grid").as_list();
  ASSERT_EQ(rows.size(), y.size());
  ASSERT_EQ(rows[0].as_list().size(), x.size());
  for (std::size_t i = 0; i < y.size(); ++i)
    for (std::size_t j = 0; j < x.size(); ++j)
      EXPECT_EQ(rows[i].as_list()[j].as_number(), 100 * y[i].as_number() + x[j].as_number());
  EXPECT_EQ(x.back().as_number(), 49);
}

TEST(ChartData, ChartsThatDoNotFitTogetherAreNamed) {
  Trace ragged = line(3);
  ragged.x.pop_back();
  Trace grid;
  grid.kind = Trace::Kind::surface;
  grid.x = {0, 1};
  grid.y = {0, 1, 2};
  grid.grid = Array(DType::f64, {2, 3});
  for (const Trace& trace : {ragged, grid}) try {
      chart_data(chart_of(trace), 100);
      ADD_FAILURE() << "expected a ShapeError";
    } catch (const ShapeError& error) {
      EXPECT_THAT(error.what(), HasSubstr("loss")) << error.what();
    }
}

TEST(ChartData, TablesAreCutAndSayHowMuchThereIs) {
  const std::string tables = chart_tables(chart_of(line(5000)));
  EXPECT_THAT(tables, HasSubstr("5000 points, from 0 to 70.7036"));
  std::size_t rows = 0;
  for (std::size_t at = 0; (at = tables.find("<tr>", at)) != std::string::npos; ++at) ++rows;
  EXPECT_LE(rows, 27U);
  EXPECT_THAT(tables, HasSubstr("<td>4999</td>"));
}

TEST(ChartData, NamesOfRowsStandUnlessSomeAreLeftOut) {
  Trace map = heatmap(2, 2);
  map.labels = {"left", "right"};
  const auto labels = [&](std::size_t most) {
    const Value data = chart_data(chart_of(map), most);
    const Value* found = data.at("traces").as_list()[0].find("labels");
    return found ? to_json(*found, -1) : "none";
  };
  EXPECT_EQ(labels(100), R"(["left","right"])");
  map = heatmap(3, 3), map.labels = {"left", "middle", "right"};
  EXPECT_EQ(labels(4), "none");
}

TEST(ChartData, LogarithmicAndNamedAxesAreSaidOnlyWhereTheyAre) {
  Chart chart = chart_of(line(3));
  EXPECT_EQ(chart_data(chart, 100).find("log_x"), nullptr);
  EXPECT_EQ(chart_data(chart, 100).find("x_names"), nullptr);
  chart.log_x = true, chart.x_names = {"one", "other"};
  EXPECT_TRUE(chart_data(chart, 100).at("log_x").as_bool());
  EXPECT_EQ(to_json(chart_data(chart, 100).at("x_names"), -1), R"(["one","other"])");
}

TEST(ChartData, TablesCallPlacesAsTheAxisDoes) {
  Trace points = line(4);
  points.x = {0, 0.9, 1.1, 2};
  Chart chart = chart_of(points);
  EXPECT_THAT(chart_tables(chart), HasSubstr("<td>0.9</td>"));
  chart.x_names = {"<plain>", "corrected"};
  const std::string tables = chart_tables(chart);
  EXPECT_THAT(tables, HasSubstr("<td>&lt;plain&gt;</td><td>0</td>"));
  EXPECT_THAT(tables, HasSubstr("<td>corrected</td><td>1</td>"));
  EXPECT_THAT(tables, HasSubstr("<td>2</td><td>1.73"));  // beyond the names: as it is
  EXPECT_THAT(tables, Not(HasSubstr("0.9")));
}

}  // namespace
}  // namespace neurarium
