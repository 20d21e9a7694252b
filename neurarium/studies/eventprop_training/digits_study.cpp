// eventprop-digits: recurrent networks that speak in spike times learn spoken digits, and are tested on voices they never heard.
#include "neurarium/data/formants.hpp"
#include "neurarium/data/spike_dataset.hpp"
#include "neurarium/studies/eventprop_training/digits_findings.hpp"
#include "neurarium/train/shared_out.hpp"

namespace neurarium {
namespace {

struct Params : DigitsNetworkParams {
  std::string dataset = "spoken-digits:duration=1.0";
  std::vector<std::int64_t> validation_speakers;
  std::string validation;
  bool leave_one_out = false;
  double silent_push = 0;
  TrainParams train;
  Params() {
    train.epochs = 40, train.shard_size = 16;
    train.optimiser = {"adam", Value::table()};
    train.optimiser.settings.set("learning_rate", 3e-3);
    train.schedule = {"cosine", Value::table()};
  }
  static Schema fields() {
    std::vector<FieldInfo> all = DigitsNetworkParams::fields();
    all.push_back(field("dataset", &Params::dataset,
                        "Spikes in the layout of the Heidelberg digits: spoken-digits, shd, ssc or spikes:FOLDER, with "
                        "settings such as :dt=0.002,duration=1.0; or formants, made-up words."));
    all.push_back(field("validation_speakers", &Params::validation_speakers,
                        "Voices of the training samples that are not learned from: the best epoch is chosen by them.")
                      .at_least(0));
    all.push_back(field("validation", &Params::validation,
                        "Data by which the best epoch is chosen, in place of voices: another FILE.h5 of this layout."));
    all.push_back(field("leave_one_out", &Params::leave_one_out,
                        "Train a network for each of validation_speakers, which learns from all others."));
    all.push_back(field("silent_push", &Params::silent_push,
                        "What is added, after each epoch, to all weights into hidden units that did not fire in it.")
                      .at_least(0));
    all.push_back(field("train", &Params::train, "How they learn."));
    return Schema::of<Params>(std::move(all));
  }
};

std::size_t classes_of(const DigitsData& data) {
  std::int64_t most = static_cast<std::int64_t>(data.classes.size()) - 1;
  for (const Split* split : {&data.training, &data.validation, &data.test}) {
    if (split->samples() == 0) continue;
    for (const std::int64_t label : split->y.as<std::int64_t>().flat()) most = std::max(most, label);
  }
  return static_cast<std::size_t>(most + 1);
}

class EventPropDigits : public Study {
 public:
  explicit EventPropDigits(const Params& params) : params_(params) {
    std::vector<Fault> faults;
    const auto fault = [&](const char* key, std::string what, std::string mend) {
      faults.push_back({{}, key, std::move(what), std::move(mend)});
    };
    if (params_.hidden.empty()) fault("hidden", "there is no hidden layer", "give at least one, hidden=[256]");
    if (is_formants(params_.dataset)) {
      if (!params_.validation_speakers.empty())
        fault("validation_speakers", "formants don't say whose voice a sample is", "leave it out");
    } else if (!is_spike_dataset(params_.dataset)) {
      fault("dataset", "'" + params_.dataset + "' is no data set of spikes with times",
            "give spoken-digits, shd, ssc, spikes:FOLDER or formants");
    } else if (spike_dataset_params(params_.dataset).duration <= 0) {
      fault("dataset", "its samples must last equally long in all files", "add a duration: " + with_duration());
    }
    if (!params_.validation.empty() && !params_.validation_speakers.empty())
      fault("validation", "is given beside validation_speakers", "choose one of them");
    if (params_.leave_one_out && params_.validation_speakers.size() < 2)
      fault("leave_one_out", "needs two voices or more", "name them: validation_speakers=[0,1,2]");
    std::vector<std::int64_t> voices = params_.validation_speakers;
    std::ranges::sort(voices);
    if (const auto twice = std::ranges::adjacent_find(voices); twice != voices.end())
      fault("validation_speakers", "names voice " + std::to_string(*twice) + " twice", "name each voice once");
    if (!faults.empty()) throw SpecError(std::move(faults));
  }

  void run(RunContext& context) override {
    if (params_.leave_one_out) return leave_each_out(context);
    const DigitsData data = data_without(params_.validation_speakers, true, context);
    const DigitsOutcome outcome = train_digits(params_, params_.train, params_.silent_push, data, context);
    context.keep("", {outcome.network, params_.dataset, test_hash_, context.seed()});
    add_digits_report(context, outcome, test_digits(outcome, data, context), data, params_.train.early_stopping);
  }

 private:
  std::string with_duration() const {
    return params_.dataset + (params_.dataset.find(':') == std::string::npos ? ":" : ",") + "duration=1.0";
  }

  /// What is left when these voices are kept for validation, with the test or without.
  DigitsData data_without(const std::vector<std::int64_t>& speakers, bool with_test, RunContext& context) {
    DigitsData data;
    data.dt =
        is_formants(params_.dataset) ? formants_params(params_.dataset).dt : spike_dataset_params(params_.dataset).dt;
    if (with_test || speakers.empty()) {
      Dataset all = context.dataset(params_.dataset);
      if (all.test.samples() == 0)
        throw DataError(params_.dataset, "has no test",
                        "put FILE_test.h5 beside it, or add test_speakers=[…] to its name");
      test_hash_ = all.sha256;
      data.training = std::move(all.train), data.test = std::move(all.test), data.classes = std::move(all.classes);
    }
    if (!speakers.empty()) {
      Dataset held = held_out(speakers, context);
      data.training = std::move(held.train), data.validation = std::move(held.test);
      data.classes = std::move(held.classes);
    }
    if (!params_.validation.empty()) {
      Dataset other = context.dataset(params_.validation);
      data.validation = std::move(other.train);
      if (!data.validation.spikes || data.validation.entry_shape() != data.training.entry_shape())
        throw DataError(params_.validation, "has other samples than " + params_.dataset,
                        "give both the same dt, duration, units and channels");
    }
    data.class_count = classes_of(data);
    if (const std::size_t channels = data.training.spikes->units();
        params_.channel_shift >= static_cast<std::int64_t>(channels))
      throw SpecError(std::vector<Fault>{{{},
                                          "channel_shift",
                                          "is " + std::to_string(params_.channel_shift) + ", but samples have " +
                                              std::to_string(channels) + " channels: nothing would be heard",
                                          "give fewer, such as 4"}});
    return data;
  }

  /// The data with these voices as their test.
  Dataset held_out(const std::vector<std::int64_t>& speakers, RunContext& context) {
    const std::string name = spike_dataset_with_test_speakers(params_.dataset, speakers);
    try {
      return context.dataset(name);
    } catch (const DataError& error) {
      if (std::string_view(error.what()).find("test_speakers") == std::string_view::npos) throw;
      throw DataError(
          params_.dataset,
          std::string("can't be divided by validation_speakers, which are read as its test_speakers: ") + error.what(),
          "name voices of its training samples");
    }
  }

  void leave_each_out(RunContext& context) {
    const std::vector<std::int64_t>& speakers = params_.validation_speakers;
    std::vector<DigitsData> data;
    for (const std::int64_t speaker : speakers) data.push_back(data_without({speaker}, false, context));
    std::vector<EpochHistory> histories(speakers.size());
    SharedTrainings trainings{speakers.size(), "digits.left_out", params_.train.checkpoint_seconds, {}, {}, {}};
    trainings.train = [&](std::size_t k, RunContext& own) {
      histories[k] = train_digits(params_, params_.train, params_.silent_push, data[k], own).history;
    };
    trainings.save = [&](std::size_t k) {
      NamedArrays arrays;
      save_history(histories[k], arrays);
      return arrays;
    };
    trainings.restore = [&](std::size_t k, const Checkpoint& part) { histories[k] = saved_history(part); };
    train_shared_out(trainings, context);
    add_left_out_report(context, speakers, histories, params_.train.early_stopping);
  }

  Params params_;
  std::string test_hash_;
};

}  // namespace

void register_eventprop_digits(Registry& registry) {
  registry
      .add<Params>("study", "eventprop-digits",
                   "Do spike times carry words? EventProp on spoken digits, tested on voices never heard.")
      .makes<Study>([](const Params& params) { return std::make_unique<EventPropDigits>(params); });
}

}  // namespace neurarium
