#include "cli/cli.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <cstdio>
#include <iostream>

#include "cli/verbs.hpp"
#include "neurarium/core/errors.hpp"

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
      "  4 diverged (a value became NaN or infinite) · 5 resume mismatch · 130 interrupted (checkpoint written)\n"
      "`neurarium VERB --help` explains a verb.\n";
};

std::string examples_text(const std::vector<std::string>& examples) {
  std::string text = "Examples:\n";
  for (const std::string& example : examples) text += "  " + example + "\n";
  return text;
}

ExitCode report_failure(ExitCode code, const std::string& message) {
  std::cout.flush();
  std::cerr << "neurarium: " << message << '\n';
  return code;
}

ExitCode parse_and_act(int argc, char** argv, CLI::App& app, CliContext& context) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // Asking for help or the version is "thrown" too, with code 0.
    if (error.get_exit_code() == 0) return app.exit(error, std::cout, std::cerr), ExitCode::done;
    return report_failure(ExitCode::usage, std::string(error.what()) + "; `neurarium --help` shows what there is");
  }
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
  CliContext context{std::move(registry), {argv, argv + argc}, {}};
  CLI::App app("Neurarium: neurons that live, learn, are measured and compared");
  app.formatter(std::make_shared<ExamplesFirst>());
  app.footer(examples_text({
      "neurarium list                                  # what can be run",
      "neurarium run xor-surface                       # a study by name",
      "neurarium run topographic-map model.rows=30 --seed 7",
      "neurarium run my-network.toml train.epochs=5    # your own network",
      "neurarium gallery                               # every study, one page",
  }));
  app.set_version_flag("--version", std::string("neurarium ") + NEURARIUM_VERSION);
  app.require_subcommand(1);
  add_run_verb(app, context);
  add_gallery_verb(app, context);
  add_list_verb(app, context);
  add_describe_verb(app, context);
  add_config_verb(app, context);
  add_data_verb(app, context);
  add_report_verb(app, context);
  add_compare_verb(app, context);
  add_gradcheck_verb(app, context);

  ExitCode code = ExitCode::failed;
  try {
    code = parse_and_act(argc, argv, app, context);
  } catch (const Error& error) {
    code = report_failure(error.exit_code(), error.what());
  } catch (const std::bad_alloc&) {
    code = report_failure(ExitCode::failed, "not enough memory");
  } catch (const InternalError& error) {
    code = report_failure(ExitCode::failed, std::string("this is a bug in neurarium: ") + error.what());
  } catch (const std::exception& error) {
    code = report_failure(ExitCode::failed, error.what());
  }
  std::cout.flush();
  return static_cast<int>(code);
}

}  // namespace neurarium
