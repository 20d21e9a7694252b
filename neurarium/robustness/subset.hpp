// Some samples of an attack's task, gathered as a task of their own: those not yet fooled, as a rule.
#pragma once

#include <numeric>

#include "neurarium/nn/attack.hpp"

namespace neurarium {

template <class T>
struct Subset {
  std::vector<std::size_t> rows;  ///< of the whole task
  Tensor<T> x;
  std::vector<std::int64_t> labels;
  std::vector<std::uint64_t> ids;
  AttackTask<T> task;  ///< looks into this subset, which must stay in its place

  Subset(const AttackTask<T>& whole, std::vector<std::size_t> which)
      : rows(std::move(which)), x(Shape{rows.size(), whole.x.shape()[1]}), task(whole) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      std::ranges::copy(whole.x[rows[i]].flat(), x.view()[i].flat().begin());
      labels.push_back(whole.labels[rows[i]]);
      ids.push_back(whole.ids[rows[i]]);
    }
    task.x = std::as_const(x).view(), task.labels = labels, task.ids = ids;
  }
  Subset(const Subset&) = delete;
  Subset& operator=(const Subset&) = delete;
  std::size_t size() const noexcept { return rows.size(); }
};

/// 0 … n−1
inline std::vector<std::size_t> all_rows(std::size_t n) {
  std::vector<std::size_t> rows(n);
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  return rows;
}

}  // namespace neurarium
