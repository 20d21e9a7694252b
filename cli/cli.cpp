#include "cli/cli.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <iostream>

#include "cli/verbs.hpp"
#include "neurarium/core/errors.hpp"
#include "neurarium/interchange/json.hpp"

namespace neurarium {
namespace {

/// Help that opens with examples (kept in CLI11's footer).
class ExamplesFirst : public CLI::Formatter {
 public:
  std::string make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const override {
    if (mode == CLI::AppFormatMode::Sub) return make_expanded(app);
    std::string text = app->get_description() + "\n\n" + app->get_footer();
    text += "\n" + make_usage(app, name);
    text += make_positionals(app);
    text += make_groups(app, mode);
    text += make_subcommands(app, mode);
    if (!app->get_parent()) text += exit_codes;
    while (text.size() > 1 && text[text.size() - 2] == '\n') text.pop_back();
    return text;
  }

 private:
  static constexpr const char* exit_codes =
      "\nExit codes: 0 done · 1 run failed · 2 usage or configuration · 3 data missing or damaged ·\n"
      "  4 diverged (a value became NaN or infinite) · 5 resume mismatch · 130 interrupted (it says what is kept)\n"
      "`neurarium VERB --help` explains a verb.\n";
};

std::string examples_text(const std::vector<std::string>& examples) {
  std::string text = "Examples:\n";
  for (const std::string& example : examples) text += "  " + example + "\n";
  return text;
}

ExitCode report_failure(const CliContext& context, ExitCode code, const std::string& message) {
  if (context.json) {  // stdout still holds one JSON object
    Value out = Value::table();
    out.set("error", message);
    out.set("exit_code", static_cast<int>(code));
    std::cout << to_json(out) << '\n';
  }
  std::cout.flush();
  std::cerr << "neurarium: " << message << '\n';
  return code;
}

/// CLI11 only says that a verb is missing; people want to hear which one they meant.
std::string usage_message(const CLI::App& app, int argc, char** argv, const CLI::ParseError& error) {
  const std::string word = argc > 1 ? argv[1] : "";
  std::vector<std::string> verbs;
  for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; }))
    verbs.push_back(verb->get_name());
  if (word.empty()) return "no verb was given";
  if (word.front() == '-' || std::ranges::find(verbs, word) != verbs.end()) return error.what();
  const std::string near = nearest(word, verbs);
  return "there is no verb '" + word + "'" + (near.empty() ? "" : "; did you mean '" + near + "'?");
}

/// What the words name, as people would call it: `neurarium data get`, or `neurarium` where they name no verb.
std::string verb_in(const CLI::App& app, int argc, char** argv) {
  std::string name = "neurarium";
  const CLI::App* verb = &app;
  for (int i = 1; i < argc; ++i) {
    const auto inner = verb->get_subcommands([&](const CLI::App* one) { return one->get_name() == argv[i]; });
    if (inner.empty()) break;
    verb = inner.front();
    name += " " + verb->get_name();
  }
  return name;
}

/// An option that is given nothing is a slip, such as --attack "$ATTACKS" with a variable that is not set.
void require_no_empty_words(const CLI::App& verb) {
  for (const CLI::Option* option : verb.get_options()) {
    if (std::ranges::find(option->results(), "") == option->results().end()) continue;
    const bool is_positional = option->get_positional();
    throw SpecError(option->get_name(is_positional) + ": found an empty word, expected " +
                        (is_positional ? "" : option->get_type_name() + ": ") + option->get_description(),
                    is_positional ? "" : "give it a value, or leave it out");
  }
  for (const CLI::App* inner : verb.get_subcommands()) require_no_empty_words(*inner);
}

ExitCode parse_and_act(int argc, char** argv, CLI::App& app, CliContext& context) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // Asking for help or the version is "thrown" too, with code 0.
    if (error.get_exit_code() == 0) return app.exit(error, std::cout, std::cerr), ExitCode::done;
    throw SpecError(usage_message(app, argc, argv, error),
                    "`" + verb_in(app, argc, argv) + " --help` shows what there is");
  }
  require_no_empty_words(app);
  return context.action ? context.action() : ExitCode::done;
}

}  // namespace

CLI::App* add_verb(CLI::App& app, const std::string& name, const std::string& description,
                   const std::vector<std::string>& examples) {
  CLI::App* verb = app.add_subcommand(name, description);
  verb->footer(examples_text(examples));
  return verb;
}

int cli_main(int argc, char** argv, Registry registry) {
  std::signal(SIGXFSZ, SIG_IGN);  // a file that may grow no larger is an error like a full disk, not a sudden end
  CliContext context{std::move(registry), {argv, argv + argc}, {}};
  if (argc > 0) context.arguments[0] = std::filesystem::path(argv[0]).filename().string();  // what people type again
  CLI::App app("Neurarium: neurons that live, learn, are measured and compared");
  app.name("neurarium");
  app.formatter(std::make_shared<ExamplesFirst>());
  app.footer(examples_text({
      "neurarium list                                  # what can be run",
      "neurarium run xor-surface                       # a study by name",
      "neurarium run topographic-map model.rows=30 --seed 7",
      "neurarium run my-network.toml train.epochs=5    # your own network",
      "neurarium sweep topographic-map model.radius=0,1,2 --repeats 3",
      "neurarium gallery                               # every study, one page",
  }));
  app.set_version_flag("--version", std::string("neurarium ") + NEURARIUM_VERSION);
  app.require_subcommand(1);
  add_run_verb(app, context);
  add_sweep_verb(app, context);
  add_gallery_verb(app, context);
  add_list_verb(app, context);
  add_describe_verb(app, context);
  add_config_verb(app, context);
  add_data_verb(app, context);
  add_report_verb(app, context);
  add_compare_verb(app, context);
  add_eval_verb(app, context);
  add_attack_verb(app, context);
  add_convert_verb(app, context);
  add_gradcheck_verb(app, context);
  add_bench_verb(app, context);

  ExitCode code = ExitCode::failed;
  try {
    code = parse_and_act(argc, argv, app, context);
  } catch (const Error& error) {
    code = report_failure(context, error.exit_code(), error.what());
  } catch (const std::bad_alloc&) {
    code = report_failure(context, ExitCode::failed, "not enough memory");
  } catch (const InternalError& error) {
    code = report_failure(context, ExitCode::failed, std::string("this is a bug in neurarium: ") + error.what());
  } catch (const std::exception& error) {
    code = report_failure(context, ExitCode::failed, error.what());
  }
  if (!std::cout.flush() && code == ExitCode::done) {
    std::cerr << "neurarium: standard output can't be written to\n";
    code = ExitCode::failed;
  }
  return static_cast<int>(code);
}

}  // namespace neurarium
