// neurarium gallery: every study that has a preset "gallery", and one page with a card per study.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <chrono>
#include <iostream>

#include "cli/terminal.hpp"
#include "cli/verbs.hpp"
#include "neurarium/core/files.hpp"
#include "neurarium/experiment/experiment.hpp"
#include "neurarium/experiment/run_directory.hpp"
#include "neurarium/interchange/json.hpp"
#include "neurarium/report/gallery.hpp"

namespace neurarium {
namespace {

struct GalleryVerb {
  std::string out = "runs/gallery", data_dir, threads;
  bool again = false;
};

bool has_gallery_preset(const std::string& study) {
  return std::ranges::any_of(builtin_presets(),
                             [&](const Preset& p) { return p.study == study && p.name == "gallery"; });
}

/// Runs the studies one after the other and collects their cards.
class Gallery {
 public:
  Gallery(const CliContext& context, const GalleryVerb& verb)
      : context_(context), verb_(verb), meter_(context.quiet), stop_(catch_interrupts()) {}

  ExitCode run_all() {
    const auto start = Clock::now();
    for (const std::string& study : context_.registry.names("study")) add_card(study);
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    const std::filesystem::path folder = verb_.out;
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) throw SpecError(verb_.out + ": can't be made: " + error.message(), "choose another place with --out");
    write_atomically(folder / "index.html", gallery_page(cards_, {seconds, NEURARIUM_VERSION, "neurarium gallery"}));
    meter_.clear();
    print(folder / "index.html", seconds);
    return code_;
  }

 private:
  using Clock = std::chrono::steady_clock;

  void add_card(const std::string& study) {
    GalleryCard card;
    card.study = study;
    card.question = context_.registry.find("study", study)->doc;
    card.command = "neurarium run " + study;
    if (!has_gallery_preset(study)) {
      card.state = GalleryCard::State::not_in_gallery;
      card.note = "not in the gallery: it takes longer, or needs data of your own";
      cards_.push_back(std::move(card));
      return;
    }
    card.command += " --preset gallery";
    Experiment experiment;
    try {
      Spec spec;
      spec.study = study;
      spec.settings.set("preset", "gallery");
      if (!verb_.threads.empty()) spec.settings.set("threads", std::stoi(verb_.threads));
      experiment = resolve(spec, context_.registry);
      const Report report = run(experiment, context_.registry, options_for(study));
      const double seconds = seconds_of(report);
      const auto page = std::filesystem::absolute(report.run) / "report.html";
      cards_.push_back(gallery_card(
          report, page.lexically_relative(std::filesystem::absolute(verb_.out).lexically_normal()).generic_string(),
          seconds, card.command));
    } catch (const Interrupted&) {
      throw;
    } catch (const DataError& error) {
      card.state = GalleryCard::State::missing_data;
      card.note = error.what();
      if (const Value* dataset = experiment.settings.find("dataset"); dataset && dataset->is_text())
        card.command = "neurarium data get " + dataset->as_text();
      fail(std::move(card), error.exit_code());
    } catch (const Error& error) {
      card.state = GalleryCard::State::failed;
      card.note = error.what();
      fail(std::move(card), error.exit_code());
    }
  }

  /// How long the run took when it was computed: it may be a stored one.
  static double seconds_of(const Report& report) {
    RunDirectory directory(report.run);
    const Value* seconds = directory.record().find("wall_seconds");
    return seconds && seconds->is_number() ? seconds->as_number() : 0;
  }

  void fail(GalleryCard card, ExitCode code) {
    meter_.clear();
    std::cerr << "neurarium: " << card.study << ": " << card.note << '\n';
    if (code_ == ExitCode::done) code_ = code;
    cards_.push_back(std::move(card));
  }

  RunOptions options_for(const std::string& study) {
    RunOptions options;
    options.data_home = verb_.data_dir;
    options.again = verb_.again;
    options.go_on = true;
    options.command = {"neurarium", "run", study, "--preset", "gallery"};
    options.stop = stop_;
    options.progress = [this](const Progress& progress) { meter_.show(progress); };
    options.note = [this](const std::string& text) { meter_.note(text); };
    return options;
  }

  void print(const std::filesystem::path& page, double seconds) const {
    const auto state = [](const GalleryCard& card) -> std::string {
      switch (card.state) {
        case GalleryCard::State::done: return duration_text(card.seconds);
        case GalleryCard::State::missing_data: return "data missing";
        case GalleryCard::State::not_in_gallery: return "not drawn";
        case GalleryCard::State::failed: return "failed";
      }
      return {};
    };
    std::vector<std::vector<std::string>> rows = {{"study", "time", "answer"}};
    Value::List cards;
    for (const GalleryCard& card : cards_) {
      rows.push_back({card.study, state(card), card.state == GalleryCard::State::done ? card.answer : card.command});
      Value entry = Value::table();
      entry.set("study", card.study);
      entry.set("state", state(card));
      entry.set("answer", card.answer);
      entry.set("seconds", card.seconds);
      entry.set("command", card.command);
      cards.push_back(std::move(entry));
    }
    if (context_.json) {
      Value out = Value::table();
      out.set("page", page.string());
      out.set("seconds", seconds);
      out.set("cards", std::move(cards));
      std::cout << to_json(out) << '\n';
      return;
    }
    std::cout << table_text(rows) << "\ngallery: " << page.string() << " (" << duration_text(seconds) << " in all)\n";
  }

  const CliContext& context_;
  const GalleryVerb& verb_;
  ProgressMeter meter_;
  std::stop_token stop_;
  std::vector<GalleryCard> cards_;
  ExitCode code_ = ExitCode::done;
};

}  // namespace

void add_gallery_verb(CLI::App& app, CliContext& context) {
  auto verb = std::make_shared<GalleryVerb>();
  CLI::App* gallery = add_verb(app, "gallery", "Every study in a few seconds each, on one page",
                               {"neurarium gallery", "neurarium gallery --again --threads 2"});
  gallery->add_option("--out", verb->out, "Folder of the page (runs/gallery)")->type_name("DIR");
  gallery->add_option("--data-dir", verb->data_dir, "Where data sets lie ($NEURARIUM_DATA)")->type_name("DIR");
  gallery->add_option("--threads", verb->threads, "Threads (all CPUs); the result does not depend on it")
      ->type_name("N")
      ->check(CLI::Range(0, 4096));
  gallery->add_flag("--again", verb->again, "Compute finished runs anew");
  gallery->add_flag("--json", context.json, "One JSON object on stdout");
  gallery->add_flag("--quiet", context.quiet, "No progress and no notes");
  gallery->callback(
      [&context, verb] { context.action = [&context, verb] { return Gallery(context, *verb).run_all(); }; });
}

}  // namespace neurarium
