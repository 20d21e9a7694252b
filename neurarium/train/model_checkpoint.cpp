#include "neurarium/train/model_checkpoint.hpp"

#include <charconv>

namespace neurarium {
std::vector<NamedView> state_of(Model& model, Optimiser* optimiser) {
  const auto parameters = model.parameters();
  auto all = parameters;
  for (NamedView& buffer : model.buffers()) all.push_back(std::move(buffer));
  if (optimiser)
    for (NamedView& state : optimiser->state(parameters)) all.push_back({"optimiser." + state.name, state.values});
  return all;
}

Checkpoint checkpoint_of(Model& model, Optimiser* optimiser,
                         std::vector<std::pair<std::string, std::string>> metadata) {
  Checkpoint checkpoint;
  for (const NamedView& item : state_of(model, optimiser))
    checkpoint.arrays.emplace_back(item.name, Array(ArrayView(item.values)));
  checkpoint.metadata = std::move(metadata);
  return checkpoint;
}

void restore(const Checkpoint& checkpoint, Model& model, Optimiser* optimiser) {
  for (const NamedView& item : state_of(model, optimiser)) {
    const Array* saved = checkpoint.find(item.name);
    if (!saved) throw ResumeError("the checkpoint has no '" + item.name + "'; it belongs to another experiment");
    if (saved->shape() != item.values.shape() || saved->dtype() != item.values.dtype())
      throw ResumeError("the checkpoint's '" + item.name + "' is " + std::string(name_of(saved->dtype())) +
                        to_string(saved->shape()) + ", this experiment needs " +
                        std::string(name_of(item.values.dtype())) + to_string(item.values.shape()));
    std::memcpy(item.values.data(), saved->view().data(), item.values.bytes());
  }
}

void restore_kept(const Checkpoint& checkpoint, Model& model, Optimiser* optimiser) {
  for (const NamedView& item : state_of(model, optimiser))
    if (const Array* saved = checkpoint.find(item.name); saved && first_non_finite(saved->view()) < saved->size())
      throw DataError("the checkpoint",
                      "is damaged: entry " + std::to_string(first_non_finite(saved->view())) + " of '" + item.name +
                          "' is not a finite number, and no run writes such a one",
                      "take a good copy, or compute the run anew with --again");
  restore(checkpoint, model, optimiser);
}

std::uint64_t counter_of(const Checkpoint& checkpoint, const std::string& key, std::uint64_t most) {
  const std::string* text = checkpoint.find_text(key);
  std::uint64_t number = 0;
  if (!text || std::from_chars(text->data(), text->data() + text->size(), number).ec != std::errc{})
    throw ResumeError("the checkpoint has no counter '" + key + "'");
  if (number > most)
    throw ResumeError("the checkpoint's counter '" + key + "' is " + *text + ", expected at most " +
                      std::to_string(most) +
                      ": it is damaged or belongs to another experiment; start over with --again");
  return number;
}

void require_finite(Model& model, Optimiser* optimiser, std::uint64_t step) {
  for (const NamedView& item : state_of(model, optimiser))
    if (const std::size_t bad = first_non_finite(item.values); bad < item.values.size())
      throw NumericError(item.name, step, bad, "lower the learning rate; the last good state is in the checkpoint");
}

}  // namespace neurarium
