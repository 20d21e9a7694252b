#include "neurarium/data/encode_sounds.hpp"

#include <algorithm>
#include <map>

#include "neurarium/core/errors.hpp"

namespace neurarium {
namespace {

namespace fs = std::filesystem;

bool is_wav(const fs::path& file) {
  std::string ending = file.extension().string();
  std::ranges::transform(ending, ending.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return ending == ".wav";
}
bool is_hidden(const fs::path& file) { return file.filename().string().starts_with('.'); }

}  // namespace

TimedSpikes spikes_of_sound(const Sound& sound, const CochleaParams& params) {
  return Cochlea(params, sound.sample_rate).hear(without_silence(sound));
}

void write_spikes_made_in_parallel(const fs::path& path, const SpikeFileHead& head,
                                   const std::function<TimedSpikes(std::size_t)>& make, WorkerPool& pool,
                                   const std::function<void(std::size_t)>& made, std::stop_token stop) {
  constexpr std::size_t together = 64;
  std::vector<TimedSpikes> some;
  write_spike_file(
      path, head,
      [&](std::size_t k) {
        if (k % together == 0) {
          if (made) made(k);
          some.assign(std::min(together, head.labels.size() - k), {});
          pool.run(some.size(), [&](std::size_t i) {
            if (stop.stop_requested()) throw Interrupted("stopped");
            some[i] = make(k + i);
          });
        }
        return std::move(some[k % together]);
      },
      stop);
}

SoundFolder find_sounds(const fs::path& folder) {
  std::map<std::string, std::vector<fs::path>> found;
  try {
    if (!fs::is_directory(folder))
      throw DataError(folder.string(), "is no folder", "give a folder of folders of WAV files");
    for (const auto& entry : fs::directory_iterator(folder)) {
      if (!entry.is_directory() || is_hidden(entry.path())) continue;
      std::vector<fs::path> files;
      for (fs::recursive_directory_iterator file(entry.path()), end; file != end; ++file) {
        if (is_hidden(file->path())) {
          file.disable_recursion_pending();
          continue;
        }
        if (file->is_regular_file() && is_wav(file->path())) files.push_back(file->path());
      }
      std::ranges::sort(files, {}, [](const fs::path& path) { return path.native(); });
      if (!files.empty()) found.emplace(entry.path().filename().string(), std::move(files));
    }
  } catch (const fs::filesystem_error& error) {
    throw DataError(error.path1().string(), "can't be read: " + error.code().message(), "look at who may read it");
  }
  if (found.empty())
    throw DataError(folder.string(), "holds no folder with WAV files",
                    "put the sounds of each class into a folder of its own: FOLDER/CLASS/….wav");
  SoundFolder sounds;
  for (auto& [name, files] : found) {
    for (fs::path& file : files) {
      sounds.files.push_back(std::move(file));
      sounds.labels.push_back(static_cast<std::int64_t>(sounds.classes.size()));
    }
    sounds.classes.push_back(name);
  }
  return sounds;
}

EncodedSounds encode_sounds(const fs::path& folder, const fs::path& out, const CochleaParams& params, WorkerPool& pool,
                            const std::function<void(std::size_t, std::size_t)>& progress, std::stop_token stop) {
  const SoundFolder sounds = find_sounds(folder);
  const std::size_t samples = sounds.files.size();
  std::vector<std::size_t> spikes(samples);
  std::vector<double> last(samples);
  write_spikes_made_in_parallel(
      out, {sounds.labels, {}, sounds.classes},
      [&](std::size_t k) {
        TimedSpikes heard;
        try {
          heard = spikes_of_sound(read_wav(sounds.files[k]), params);
        } catch (const SpecError& error) {
          throw DataError(sounds.files[k].string(), error.what());
        }
        spikes[k] = heard.times.size(), last[k] = heard.times.empty() ? 0 : heard.times.back();
        return heard;
      },
      pool,
      [&](std::size_t done) {
        if (progress) progress(done, samples);
      },
      stop);
  EncodedSounds told{samples, sounds.classes.size(), 0, 0};
  for (std::size_t k = 0; k < samples; ++k) told.spikes += spikes[k], told.seconds = std::max(told.seconds, last[k]);
  return told;
}

}  // namespace neurarium
