#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "neurarium/benchmark/measure.hpp"

namespace neurarium {
namespace {

double mean(const std::vector<double>& numbers) {
  double sum = 0;
  for (const double x : numbers) sum += x;
  return sum / static_cast<double>(numbers.size());
}

/// Seconds per sample of the peer's turns just before and just after turn `at`.
std::vector<double> neighbouring_peer(const std::vector<Turn>& turns, std::size_t at) {
  std::vector<double> seconds;
  for (std::size_t i = at; i-- > 0;)
    if (turns[i].side == "peer") {
      seconds.push_back(1 / turns[i].rate());
      break;
    }
  for (std::size_t i = at + 1; i < turns.size(); ++i)
    if (turns[i].side == "peer") {
      seconds.push_back(1 / turns[i].rate());
      break;
    }
  return seconds;
}

}  // namespace

void evaluate(CaseResult& result) {
  std::vector<double> peer;
  for (const Turn& turn : result.turns)
    if (turn.side == "peer") peer.push_back(turn.rate());
  result.peer = spread_of(peer);

  // By variant and round: its rate, and the machine beside it.
  std::map<std::tuple<std::string, int, std::string>, double> rates;
  for (const Turn& turn : result.turns)
    if (turn.side != "peer") rates[{turn.variant, turn.round, turn.side}] = turn.rate();
  const auto rate_of = [&](const std::string& variant, int round, const char* side) -> std::optional<double> {
    const auto found = rates.find({variant, round, side});
    return found == rates.end() ? std::nullopt : std::optional(found->second);
  };

  for (VariantResult& variant : result.variants) {
    const std::string& name = variant.declared.name;
    std::vector<double> ours, ratios, against, read, update, multiply_adds;
    std::vector<std::vector<double>> limits(result.declared.limits.size()), shares(limits.size());
    for (std::size_t i = 0; i < result.turns.size(); ++i) {
      const Turn& turn = result.turns[i];
      if (turn.variant != name) continue;
      if (turn.side == "read") read.push_back(turn.rate());
      if (turn.side == "update") update.push_back(turn.rate());
      if (turn.side == "multiply_adds") multiply_adds.push_back(turn.rate());
      if (turn.side != "ours") continue;
      ours.push_back(turn.rate());
      if (const auto seconds = neighbouring_peer(result.turns, i); !seconds.empty())
        ratios.push_back(turn.rate() * mean(seconds));
      if (const auto other = rate_of(variant.declared.against, turn.round, "ours"))
        against.push_back(turn.rate() / *other);
      for (std::size_t k = 0; k < limits.size(); ++k) {
        const MachineLimit& limit = result.declared.limits[k];
        const auto part = [&](double work, const char* side) {
          if (work <= 0) return 0.0;
          const auto rate = rate_of(name, turn.round, side);
          return rate ? work / *rate : std::nan("");
        };
        const double seconds =
            part(limit.reads * variant.array_bytes, "read") + part(limit.updates * variant.array_bytes, "update") +
            part(limit.multiply_adds, "multiply_adds") + part(limit.products.list.empty() ? 0 : 1, "products");
        if (!(seconds > 0)) continue;
        limits[k].push_back(1 / seconds);
        shares[k].push_back(turn.rate() * seconds);
      }
    }
    variant.rate = spread_of(ours);
    variant.ratio = spread_of(ratios);
    variant.against = spread_of(against);
    variant.read = spread_of(read);
    variant.update = spread_of(update);
    variant.multiply_adds = spread_of(multiply_adds);
    variant.limits.clear();
    for (std::size_t k = 0; k < limits.size(); ++k)
      variant.limits.push_back({result.declared.limits[k].name, spread_of(limits[k]), spread_of(shares[k])});
    variant.asked.clear();
    for (const Asked& asked : variant.declared.asked) {
      const auto limit = std::ranges::find(variant.limits, asked.what, &LimitResult::name);
      const Spread& found = asked.what == "ratio"     ? variant.ratio
                            : asked.what == "against" ? variant.against
                                                      : limit->share;
      if (found.count > 0) variant.asked.push_back({asked, found.median, found.median >= asked.at_least});
    }
  }
}

}  // namespace neurarium
