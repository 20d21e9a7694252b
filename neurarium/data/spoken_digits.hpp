// spoken-digits: 0 … 9 in English and German, spoken by espeak-ng on the user's machine in many voices, and heard by
// our inner ear: a stand-in for the Heidelberg digits, in the same layout, for machines that don't have those.
//
// A speaker is a variant of espeak-ng's voices, who speaks both languages; "" is its plain voice. Each says each word `takes` times,
// with a speed (110 … 190 words a minute), a pitch (30 … 70 of 99) and, in English, an accent drawn for each take. The test is
// by speakers that are not in the training file. Labels: English zero … nine are 0 … 9, German null … neun 10 … 19.
// Speakers are numbered: `training_speakers`, `test_speakers`, `more_training_speakers`. espeak-ng speaks with its plain voice, one
// of the test, where it does not know a variant: so those of training that it does not know are left out.
// What is said, how, and in which order is a pure function of the plan; the sound is espeak-ng's, and may differ with
// its version.
#pragma once

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "neurarium/core/pool.hpp"
#include "neurarium/data/cochlea.hpp"

namespace neurarium {

struct SpokenDigitsPlan {
  std::vector<std::string> training_speakers = {"m1", "m2", "m3",    "m4",   "m5",    "m6",     "f1",  "f2",
                                                "f3", "f4", "Annie", "Andy", "linda", "edward", "max", "steph"};
  std::vector<std::string> test_speakers = {"m7", "f5", "Alicia", ""};
  std::vector<std::string> more_training_speakers = {
      "Alex",   "Andrea",  "Denis",   "Diogo",   "Gene",   "Gene2",    "Henrique",    "Hugo",
      "Jacky",  "Lee",     "Marco",   "Mario",   "Nguyen", "m8",       "RicishayMax", "RicishayMax2",
      "adam",   "aunty",   "boris",   "belinda", "caleb",  "benjamin", "antonio",     "david",
      "ed",     "edward2", "grandma", "grandpa", "iven",   "gustave",  "john",        "marcelo",
      "miguel", "pablo",   "norbert", "paul",    "pedro",  "quincy",   "rob",         "robert",
      "sandro", "shelby",  "steph2",  "steph3",  "travis", "victor",   "zac",         "kaukovalta"};
  std::int64_t takes = 8;
  std::int64_t more_takes = 4;  ///< of each of more_training_speakers
  std::uint64_t seed = 0;
  std::string program = "espeak-ng";  ///< by its name on $PATH, or its whole path
  CochleaParams ear = {};

  std::size_t words(bool test) const {
    const auto once = static_cast<std::size_t>(takes), more = static_cast<std::size_t>(more_takes);
    return 20 * (test ? test_speakers.size() * once
                      : training_speakers.size() * once + more_training_speakers.size() * more);
  }
};

/// Names of the 20 classes.
const std::vector<std::string>& spoken_digit_names();

/// The arguments for espeak-ng, but for the file, of what is said as sample k; its label and its speaker.
struct SpokenWord {
  std::vector<std::string> arguments;
  std::int64_t label = 0, speaker = 0;
};
std::vector<SpokenWord> spoken_words(const SpokenDigitsPlan& plan, bool test);

/// Writes folder/spoken_digits_test.h5 and then folder/spoken_digits_train.h5; sound is kept in `work` only while it is
/// needed. Error if espeak-ng is not installed, or can't speak.
void make_spoken_digits(const SpokenDigitsPlan& plan, const std::filesystem::path& folder,
                        const std::filesystem::path& work, WorkerPool& pool,
                        const std::function<void(std::size_t done, std::size_t total)>& progress = {},
                        std::stop_token stop = {});

}  // namespace neurarium
