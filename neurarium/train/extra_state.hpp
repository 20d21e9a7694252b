// What a study keeps beside the model while it trains (a trajectory, measures per epoch), so that a resumed run ends with
// the same report: the trainers save it with each checkpoint and put it back.
#pragma once

#include <functional>

#include "neurarium/nn/study.hpp"

namespace neurarium {

struct ExtraState {
  std::function<NamedArrays()> save;  ///< names must not clash with the model's
  std::function<void(const Checkpoint&)> restore;
};

/// A table of numbers that grows by rows while training goes on.
class Rows {
 public:
  Rows(std::string name, std::size_t columns) : name_(std::move(name)), columns_(columns) {}
  void add(std::initializer_list<double> row) {
    if (row.size() != columns_) throw InternalError(name_ + " has " + std::to_string(columns_) + " columns");
    numbers_.insert(numbers_.end(), row);
  }
  std::size_t size() const { return numbers_.size() / columns_; }
  double operator()(std::size_t row, std::size_t column) const { return numbers_[row * columns_ + column]; }
  std::vector<double> column(std::size_t c) const {
    std::vector<double> values;
    for (std::size_t i = 0; i < size(); ++i) values.push_back((*this)(i, c));
    return values;
  }
  Array array() const {
    Array out(DType::f64, {size(), columns_});
    std::copy(numbers_.begin(), numbers_.end(), out.as<double>().data());
    return out;
  }
  ExtraState state() {
    return {[this] {
              return NamedArrays{{name_, array()}};
            },
            [this](const Checkpoint& checkpoint) {
              const Array* saved = checkpoint.find(name_);
              if (!saved || saved->dtype() != DType::f64 || saved->shape().axes() != 2 || saved->shape()[1] != columns_)
                throw ResumeError("the checkpoint has no '" + name_ + "'");
              const auto flat = saved->as<double>().flat();
              numbers_.assign(flat.begin(), flat.end());
            }};
  }

 private:
  std::string name_;
  std::size_t columns_;
  std::vector<double> numbers_;
};

}  // namespace neurarium
