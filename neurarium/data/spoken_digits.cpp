#include "neurarium/data/spoken_digits.hpp"

#include <cmath>
#include <set>
#include <sstream>

#include "neurarium/core/errors.hpp"
#include "neurarium/core/files.hpp"
#include "neurarium/core/rng.hpp"
#include "neurarium/data/child_process.hpp"
#include "neurarium/data/encode_sounds.hpp"

namespace neurarium {
namespace {

namespace fs = std::filesystem;

constexpr const char* accents[] = {"en-us", "en-gb", "en-gb-scotland", "en-gb-x-rp"};
constexpr std::size_t digits = 10;

/// A whole number in low … high.
int whole(const Stream& stream, const Counter& counter, int low, int high) {
  return low + static_cast<int>(std::floor(uniform(stream, counter) * (high - low + 1)));
}

TimedSpikes heard(const SpokenDigitsPlan& plan, const SpokenWord& word, const fs::path& work, const std::string& name,
                  const std::stop_token& stop) {
  const fs::path sound = work / (name + ".wav"), log = work / (name + ".log");
  std::vector<std::string> command = {plan.program, "-w", sound.string()};
  command.insert(command.end(), word.arguments.begin(), word.arguments.end());
  const ChildResult result = run_child(command, work, log, {}, stop);
  std::error_code error;
  if (result.exit_code != 0 || !fs::exists(sound, error)) {
    std::string words;
    for (const std::string& argument : command) words += (words.empty() ? "" : " ") + argument;
    throw Error("espeak-ng could not speak (" + words + "): " + result.output);
  }
  TimedSpikes spikes = spikes_of_sound(read_wav(sound), plan.ear);
  fs::remove(sound, error), fs::remove(log, error);
  return spikes;
}

/// The variants of voices that this espeak-ng knows, as it lists them: "!v/m1".
std::set<std::string> known_variants(const SpokenDigitsPlan& plan, const fs::path& work, const std::stop_token& stop) {
  const fs::path log = work / "variants.log";
  run_child({plan.program, "--voices=variant"}, work, log, {}, stop);
  std::set<std::string> known;
  std::istringstream words(read_text(log));
  for (std::string word; words >> word;)
    if (word.starts_with("!v/")) known.insert(word.substr(3));
  std::error_code error;
  fs::remove(log, error);
  return known;
}

/// Without the words of speakers that espeak-ng does not know.
std::vector<SpokenWord> without_unknown(std::vector<SpokenWord> words, const SpokenDigitsPlan& plan,
                                        const std::set<std::string>& known) {
  std::vector<std::string> all = plan.training_speakers;
  for (const auto* more : {&plan.test_speakers, &plan.more_training_speakers})
    all.insert(all.end(), more->begin(), more->end());
  std::erase_if(words, [&](const SpokenWord& word) {
    const std::string& speaker = all[static_cast<std::size_t>(word.speaker)];
    return !speaker.empty() && !known.contains(speaker);
  });
  return words;
}

}  // namespace

const std::vector<std::string>& spoken_digit_names() {
  static const std::vector<std::string> names = {"zero",  "one",   "two",   "three",  "four", "five", "six",
                                                 "seven", "eight", "nine",  "null",   "eins", "zwei", "drei",
                                                 "vier",  "fünf",  "sechs", "sieben", "acht", "neun"};
  return names;
}

std::vector<SpokenWord> spoken_words(const SpokenDigitsPlan& plan, bool test) {
  const std::size_t before_test = plan.training_speakers.size(), before_more = before_test + plan.test_speakers.size();
  const Stream speed(plan.seed, "spoken_digits.speed"), pitch(plan.seed, "spoken_digits.pitch"),
      accent(plan.seed, "spoken_digits.accent"),
      order(plan.seed, test ? "spoken_digits.order.test" : "spoken_digits.order.training");
  std::vector<SpokenWord> all;
  const auto add = [&](const std::vector<std::string>& speakers, std::size_t before, std::int64_t takes) {
    for (std::size_t speaker = 0; speaker < speakers.size(); ++speaker)
      for (std::size_t label = 0; label < 2 * digits; ++label)
        for (std::int64_t take = 0; take < takes; ++take) {
          const Counter counter{static_cast<std::uint32_t>(before + speaker), static_cast<std::uint32_t>(label),
                                static_cast<std::uint32_t>(take), 0};
          const std::string language = label < digits ? accents[whole(accent, counter, 0, 3)] : "de";
          const std::string voice = speakers[speaker].empty() ? language : language + "+" + speakers[speaker];
          all.push_back({{"-v", voice, "-s", std::to_string(whole(speed, counter, 110, 190)), "-p",
                          std::to_string(whole(pitch, counter, 30, 70)), spoken_digit_names()[label]},
                         static_cast<std::int64_t>(label),
                         static_cast<std::int64_t>(before + speaker)});
        }
  };
  if (test) add(plan.test_speakers, before_test, plan.takes);
  else add(plan.training_speakers, 0, plan.takes), add(plan.more_training_speakers, before_more, plan.more_takes);
  std::vector<SpokenWord> mixed;
  for (const std::uint64_t k : permutation(order, 0, all.size())) mixed.push_back(std::move(all[k]));
  return mixed;
}

void make_spoken_digits(const SpokenDigitsPlan& plan, const fs::path& folder, const fs::path& work, WorkerPool& pool,
                        const std::function<void(std::size_t, std::size_t)>& progress, std::stop_token stop) {
  if (find_program(plan.program).empty())
    throw Error(
        "spoken-digits are spoken by the program 'espeak-ng', which is not installed; on Debian and Ubuntu: "
        "sudo apt-get install espeak-ng");
  fs::create_directories(folder);
  fs::create_directories(work);
  const std::set<std::string> known = known_variants(plan, work, stop);
  const auto said = [&](bool test) { return without_unknown(spoken_words(plan, test), plan, known); };
  const std::size_t total = said(true).size() + said(false).size();
  std::size_t before = 0;
  for (const bool test : {true, false}) {  // a set counts as there when the training file is
    const std::vector<SpokenWord> words = said(test);
    if (words.empty()) throw Error("espeak-ng knows none of the voices of spoken-digits; 1.51 and later do");
    SpikeFileHead head;
    head.classes = spoken_digit_names();
    for (const SpokenWord& word : words) head.labels.push_back(word.label), head.speakers.push_back(word.speaker);
    write_spikes_made_in_parallel(
        folder / (test ? "spoken_digits_test.h5" : "spoken_digits_train.h5"), head,
        [&](std::size_t k) { return heard(plan, words[k], work, std::to_string(k), stop); }, pool,
        [&](std::size_t done) {
          if (progress) progress(before + done, total);
        },
        stop);
    before += words.size();
  }
}

}  // namespace neurarium
