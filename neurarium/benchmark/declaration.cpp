#include "neurarium/benchmark/declaration.hpp"

#include <algorithm>
#include <cmath>

#include "neurarium/benchmark/workload.hpp"

namespace neurarium {
namespace {

/// Reads the entries of one table, and collects what is wrong with them.
class Entries {
 public:
  Entries(const Value& table, std::string place, std::vector<Fault>& faults)
      : table_(table), place_(std::move(place)), faults_(faults) {
    if (!table.is_table()) fault("", "expected a table, found " + std::string(table.kind()));
  }
  // NOLINTNEXTLINE(modernize-use-equals-default): it reports
  ~Entries() {
    if (!table_.is_table() || ignore_others_) return;
    for (const auto& [key, value] : table_.as_table()) {
      if (std::ranges::find(known_, key) != known_.end()) continue;
      const std::string near = nearest(key, known_);
      fault(key, "unknown key", near.empty() ? "" : "did you mean '" + near + "'?");
    }
  }
  Entries(const Entries&) = delete;
  Entries& operator=(const Entries&) = delete;

  void ignore_others() { ignore_others_ = true; }

  std::string text(const std::string& key, const std::string& fallback, bool needed = false) {
    const Value* value = find(key, needed);
    if (!value) return fallback;
    if (value->is_text() && !(needed && value->as_text().empty())) return value->as_text();
    return fault(key, "expected text, found " + std::string(value->kind())), fallback;
  }
  double number(const std::string& key, double fallback, double minimum, bool whole) {
    const Value* value = find(key, false);
    if (!value) return fallback;
    if (!value->is_number() || !std::isfinite(value->as_number()) || (whole && !value->is_integer()))
      return fault(key,
                   "expected a " + std::string(whole ? "whole " : "") + "number, found " + std::string(value->kind())),
             fallback;
    if (value->as_number() < minimum)
      return fault(key, "out of range: expected ≥ " + std::to_string(static_cast<int>(minimum))), fallback;
    return value->as_number();
  }
  std::uint64_t count(const std::string& key, std::uint64_t fallback) {
    return static_cast<std::uint64_t>(number(key, static_cast<double>(fallback), 0, true));
  }
  bool flag(const std::string& key, bool fallback) {
    const Value* value = find(key, false);
    if (!value) return fallback;
    if (value->is_bool()) return value->as_bool();
    return fault(key, "expected true or false, found " + std::string(value->kind())), fallback;
  }
  std::vector<std::string> texts(const std::string& key) {
    const Value* value = find(key, false);
    std::vector<std::string> found;
    if (!value) return found;
    if (!value->is_list()) return fault(key, "expected a list, found " + std::string(value->kind())), found;
    for (const Value& entry : value->as_list()) {
      if (entry.is_text()) found.push_back(entry.as_text());
      else fault(key, "expected texts, found " + std::string(entry.kind()));
    }
    return found;
  }
  /// An entry of its own kind, or nullptr.
  const Value* table(const std::string& key, bool needed = false) {
    const Value* value = find(key, needed);
    if (value && !value->is_table())
      return fault(key, "expected a table, found " + std::string(value->kind())), nullptr;
    return value;
  }
  const Value* list(const std::string& key) {
    const Value* value = find(key, true);
    if (value && (!value->is_list() || value->as_list().empty()))
      return fault(key, "expected a list that is not empty, found " + std::string(value->kind())), nullptr;
    return value;
  }
  /// A list, or nullptr if there is none.
  const Value* find_list(const std::string& key) {
    const Value* value = find(key, false);
    if (value && !value->is_list()) return fault(key, "expected a list, found " + std::string(value->kind())), nullptr;
    return value;
  }
  void fault(const std::string& key, const std::string& what, const std::string& mend = {}) {
    faults_.push_back({{}, place_ + (key.empty() ? "" : "." + key), what, mend});
  }
  const std::string& place() const { return place_; }
  std::vector<Fault>& faults() { return faults_; }

 private:
  const Value* find(const std::string& key, bool needed) {
    known_.push_back(key);
    const Value* value = table_.is_table() ? table_.find(key) : nullptr;
    if (!value && needed) fault(key, "is missing");
    return value;
  }
  const Value& table_;
  std::string place_;
  std::vector<Fault>& faults_;
  std::vector<std::string> known_;
  bool ignore_others_ = false;
};

ProductList read_products(Entries& limit, const std::string& key) {
  ProductList products;
  const Value* list = limit.find_list(key);
  if (!list) return products;
  products.samples = limit.number("samples", 1, 1, true);
  for (const Value& value : list->as_list()) {
    Entries entries(value, limit.place() + "." + key + "." + std::to_string(products.list.size()), limit.faults());
    MatrixProduct& product = products.list.emplace_back();
    product.rows = entries.count("rows", 0);
    product.columns = entries.count("columns", 0);
    product.depth = entries.count("depth", 0);
    if (product.rows * product.columns * product.depth == 0)
      entries.fault("", "rows, columns and depth must be given, and at least 1");
    const std::string transposed = entries.text("transposed", "");
    product.first_transposed = transposed == "first";
    product.second_transposed = transposed == "second";
    if (!transposed.empty() && !product.first_transposed && !product.second_transposed)
      entries.fault("transposed", "'" + transposed + "' is neither 'first' nor 'second'");
  }
  return products;
}

std::vector<MachineLimit> read_limits(Entries& entries) {
  std::vector<MachineLimit> limits;
  const Value* table = entries.table("limits");
  if (!table) return limits;
  for (const auto& [name, value] : table->as_table()) {
    Entries limit(value, entries.place() + ".limits." + name, entries.faults());
    MachineLimit& made = limits.emplace_back(MachineLimit{name, limit.text("array", ""), 0, 0, 0, {}});
    made.reads = limit.number("read", 0, 0, false);
    made.updates = limit.number("update", 0, 0, false);
    made.multiply_adds = limit.number("multiply_adds", 0, 0, false);
    made.products = read_products(limit, "products");
    if (made.reads + made.updates + made.multiply_adds <= 0 && made.products.list.empty())
      limit.fault("", "says nothing: read, update, multiply_adds, products");
    if (!made.products.list.empty() &&
        std::ranges::count_if(limits, [](const MachineLimit& l) { return !l.products.list.empty(); }) > 1)
      limit.fault("products", "another limit of this case has products");
    if (made.reads + made.updates > 0 && made.array.empty()) limit.fault("array", "is missing");
  }
  return limits;
}

BenchVariant read_variant(const Value& value, const BenchCase& of, const Component& model, std::size_t number,
                          double tolerance, std::vector<Fault>& faults) {
  Entries entries(value, of.name + ".variants." + std::to_string(number), faults);
  BenchVariant variant;
  variant.name = entries.text("name", "variant " + std::to_string(number), true);
  variant.model = model;
  variant.threads = static_cast<int>(entries.number("threads", 1, 1, true));
  variant.against = entries.text("against", "");
  variant.tolerance = entries.number("tolerance", tolerance, 0, false);
  if (const Value* settings = entries.table("settings"))
    for (const auto& [key, setting] : settings->as_table()) variant.model.settings.set(key, setting);
  for (auto& [key, setting] : variant.model.settings.as_table())
    setting.at_location({of.name + ", " + variant.name, 0, 0});  // a column of the answer's one line says nothing
  if (const Value* asked = entries.table("asked"))
    for (const auto& entry : asked->as_table()) {
      const std::string& what = entry.first;
      const Value& least = entry.second;
      const bool limit = std::ranges::any_of(of.limits, [&](const MachineLimit& l) { return l.name == what; });
      if (!least.is_number()) entries.fault("asked." + what, "expected a number");
      else if (!limit && what != "ratio" && what != "against") entries.fault("asked." + what, "there is no such limit");
      else variant.asked.push_back({what, least.as_number()});
    }
  return variant;
}

BenchCase read_case(const Value& value, std::size_t number, std::vector<Fault>& faults) {
  const Value* called = value.is_table() ? value.find("name") : nullptr;
  Entries entries(value, called && called->is_text() ? called->as_text() : "case " + std::to_string(number), faults);
  entries.ignore_others();  // the script may keep notes of its own in a case
  BenchCase made;
  made.name = entries.text("name", "case " + std::to_string(number), true);
  made.title = entries.text("title", made.name);
  made.workload = entries.text("workload", "", true);
  if (const auto known = workload_names(); std::ranges::find(known, made.workload) == known.end()) {
    std::string names;
    for (const std::string& name : known) names += (names.empty() ? "" : ", ") + name;
    entries.fault("workload", "there is no workload '" + made.workload + "'", "there are: " + names);
  }
  made.samples = entries.text("samples", made.samples);
  made.divisor = entries.number("divisor", 1, 0, false);
  made.as_events = entries.flag("as_events", false);
  made.answers = entries.text("answers", "");
  if (const Value* training = entries.table("training")) made.training = *training;
  if (const Value* attack = entries.table("attack")) {
    if (const Value* type = attack->find("type"); !type || !type->is_text()) entries.fault("attack.type", "is missing");
    else made.attack = component_from(*attack);
  } else if (made.workload == "attack") {
    entries.fault("attack", "is missing");
  }
  made.epsilon = entries.number("epsilon", 0, 0, false);
  if ((made.workload == "train" || made.workload == "attack") && made.answers.empty())
    entries.fault("answers", "is missing");
  made.start = entries.texts("start");
  made.train_first = entries.count("train_first", 0);
  made.turn_seconds = entries.number("turn_seconds", 0, 0, false);
  made.check_samples = entries.count("check_samples", 0);
  made.batch = std::max<std::uint64_t>(1, entries.count("batch", made.batch));
  made.peer_samples = entries.count("peer_samples", 0);
  made.with_peer = entries.flag("with_peer", true);
  made.busy = static_cast<int>(entries.number("busy", 0, 0, true));
  made.limits = read_limits(entries);
  Component model;
  if (const Value* table = entries.table("model", true)) {
    if (const Value* type = table->find("type"); !type || !type->is_text()) entries.fault("model.type", "is missing");
    else model = component_from(*table);
  }
  const double tolerance = entries.number("tolerance", 1e-4, 0, false);
  if (const Value* variants = entries.list("variants"))
    for (const Value& variant : variants->as_list())
      made.variants.push_back(read_variant(variant, made, model, made.variants.size(), tolerance, faults));
  for (std::size_t i = 0; i < made.variants.size(); ++i) {
    const BenchVariant& variant = made.variants[i];
    const auto same = [&](const BenchVariant& v) { return v.name == variant.name; };
    if (variant.name == "peer" || std::ranges::count_if(made.variants, same) > 1)
      entries.fault("variants." + std::to_string(i) + ".name", "'" + variant.name + "' is taken");
    if (!variant.against.empty() &&
        std::ranges::none_of(made.variants, [&](const BenchVariant& v) { return v.name == variant.against; }))
      entries.fault("variants." + std::to_string(i) + ".against", "there is no variant '" + variant.against + "'");
  }
  return made;
}

}  // namespace

Benchmark read_benchmark(const std::string& name, const Value& described) {
  std::vector<Fault> faults;
  Benchmark made;
  {
    Entries entries(described, name, faults);
    entries.ignore_others();
    made.name = name;
    made.title = entries.text("title", name);
    if (made.title.empty()) made.title = name;
    made.text = entries.text("text", "");
    made.peer = entries.text("peer", "peer");
    if (const Value* parameters = entries.table("parameters")) made.parameters = *parameters;
    if (const Value* software = entries.table("software")) made.software = *software;
    if (const Value* cases = entries.list("cases"))
      for (const Value& value : cases->as_list()) made.cases.push_back(read_case(value, made.cases.size(), faults));
  }
  if (!faults.empty()) throw SpecError(std::move(faults));
  return made;
}

}  // namespace neurarium
