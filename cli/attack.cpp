// neurarium attack: how little must change for the networks of runs to answer wrongly. A door onto the study attack-network.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>

#include "cli/run_door.hpp"
#include "neurarium/interchange/toml.hpp"
#include "neurarium/robustness/attack_question.hpp"

namespace neurarium {
namespace {

struct AttackVerb {
  std::vector<std::string> words;
  std::string attacks, epsilon, norm, samples, dataset, split, scalar, eot, seed, threads;
  bool no_probes = false;
  RunDoor door;
};

/// The parts of "a,b". SpecError if there is nothing before, between or behind the commas.
std::vector<std::string> parts_of(const std::string& option, const std::string& list, const std::string& example) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= list.size();) {
    const std::size_t end = std::min(list.find(',', begin), list.size());
    std::string part = list.substr(begin, end - begin);
    part.erase(0, std::min(part.find_first_not_of(' '), part.size()));
    part.erase(part.find_last_not_of(' ') + 1);
    if (part.empty())
      throw SpecError(
          option + ": expected a list such as " + example + ", found '" + list + "', where an entry is empty",
          "write for example " + option + " " + example);
    parts.push_back(std::move(part));
    begin = end + 1;
  }
  return parts;
}

/// Numbers as they are; 8/255 is text that the schema reads.
Value::List radii_of(const std::string& list) {
  const Location where{"command line (--epsilon)", 0, 0};
  Value::List radii;
  for (const std::string& part : parts_of("--epsilon", list, "0.05,8/255"))
    radii.push_back(parse_toml_literal(part, where));
  return radii;
}

/// The list of --attack with what attacks.0.steps=40 says on top.
Value::List attacks_of(const AttackVerb& verb, const Registry& registry, const Value* overrides) {
  Value::List names;
  for (const std::string& name : parts_of("--attack", verb.attacks.empty() ? "fgsm,pgd" : verb.attacks, "fgsm,pgd"))
    names.push_back(Value(name).at_location({"command line (--attack)", 0, 0}));
  Value::List attacks = attacks_by_name(names);
  set_norm(attacks, Value(verb.norm).at_location({"command line (--norm)", 0, 0}), registry);
  if (!overrides) return attacks;
  for (const auto& [place, settings] : overrides->as_table()) {
    const auto i = place.find_first_not_of("0123456789") == std::string::npos && place.size() < 4 ? std::stoul(place)
                                                                                                  : attacks.size();
    if (i >= attacks.size() || !settings.is_table())
      throw SpecError("attacks." + place + ": there are the attacks 0 … " + std::to_string(attacks.size() - 1) +
                          ", each with settings",
                      "write for example attacks.0.steps=40");
    for (const auto& [key, value] : settings.as_table()) attacks[i].set(key, value);
  }
  return attacks;
}

ExitCode attack(const CliContext& context, const AttackVerb& verb) {
  std::vector<std::string> overrides;
  Value::List runs;
  for (const std::string& word : verb.words)
    if (word.find('=') != std::string::npos) overrides.push_back(word);
    else runs.push_back(Value(word).at_location({"command line (RUN)", 0, 0}));
  if (runs.empty()) throw SpecError("no run is named", "neurarium attack RUN");
  Spec spec{"attack-network", {}, parse_overrides(overrides)};
  Value& settings = spec.settings;
  const Value* given = settings.find("attacks");
  if (given && !given->is_table())
    throw SpecError("attacks: --attack names them",
                    "write --attack pgd,square, and attacks.0.steps=40 for their settings");
  settings.set("attacks", attacks_of(verb, context.registry, given));
  settings.set("runs", std::move(runs));
  if (!verb.epsilon.empty()) settings.set("epsilon", radii_of(verb.epsilon));
  set_option(settings, "samples", verb.samples);
  if (!verb.dataset.empty()) settings.set("dataset", verb.dataset).at_location({"command line (--data)", 0, 0});
  if (!verb.split.empty()) settings.set("split", verb.split).at_location({"command line (--split)", 0, 0});
  if (!verb.scalar.empty()) settings.set("scalar", verb.scalar).at_location({"command line (--scalar)", 0, 0});
  if (verb.no_probes) settings.set("look_for_masking", false);
  set_option(settings, "eot", verb.eot);
  set_option(settings, "seed", verb.seed);
  set_option(settings, "threads", verb.threads);
  (void)run_and_print(context, resolve(spec, context.registry), verb.door);
  return ExitCode::done;
}

}  // namespace

void add_attack_verb(CLI::App& app, CliContext& context) {
  auto verb = std::make_shared<AttackVerb>();
  CLI::App* attack_verb =
      add_verb(app, "attack", "How little must samples change for a run's network to answer wrongly?",
               {"neurarium attack runs/train-network-0123abcd --attack fgsm,pgd,square --epsilon 0.05,0.1",
                "neurarium attack runs/train-network-0123abcd --attack carlini-wagner,pgd --norm l2 --epsilon 1,2",
                "neurarium attack RUN --attack ensemble --epsilon 0.1 --samples 1000    # apgd, apgd on dlr, square",
                "neurarium attack RUN OTHER --attack pgd attacks.0.steps=40 attacks.0.restarts=5",
                "neurarium list attacks; neurarium describe pgd"});
  const auto text = [&](const std::string& name, std::string& target, const std::string& doc, const char* type) {
    return attack_verb->add_option(name, target, doc)->type_name(type);
  };
  attack_verb
      ->add_option("RUN", verb->words,
                   "Run directories or RUN/MEMBER, several also attack one another; and settings, key.path=value")
      ->required()
      ->type_name(" ");
  text("--attack", verb->attacks, "Attacks by name, one after the other (fgsm,pgd)", "A,B…");
  text("--epsilon", verb->epsilon, "Radii in units of the data, from small to large, as 0.1 or 8/255 (by norm)",
       "E,F…");
  text("--norm", verb->norm, "How changes are measured: linf or l2 (linf, where an attack knows it)", "NORM");
  text("--samples", verb->samples, "How many samples, from the first on (1000)", "N");
  text("--data", verb->dataset, "Other data: a name or FILE.npz (what the first run learned)", "DATA");
  text("--split", verb->split, "Which samples of it: test or train (test)", "SPLIT");
  text("--scalar", verb->scalar, "Compute in float32 or float64 (as trained)", "TYPE");
  text("--eot", verb->eot, "Draws over which gradients are averaged, where a network draws its answers (1)", "N");
  attack_verb->add_flag("--no-probes", verb->no_probes, "No further attacks that look for hidden gradients");
  text("--seed", verb->seed, "Seed of the attacks' draws (0)", "N");
  text("--threads", verb->threads, "Threads (all CPUs); the result does not depend on it", "N");
  add_run_options(*attack_verb, verb->door, context);
  attack_verb->callback([&context, verb] { context.action = [&context, verb] { return attack(context, *verb); }; });
}

}  // namespace neurarium
