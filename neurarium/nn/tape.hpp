// Tape: what a forward pass leaves for its backward pass. It belongs to the caller, so layers stay re-entrant,
// and it is reused from pass to pass, so the hot loop does not allocate.
#pragma once

#include <memory>
#include <typeinfo>
#include <vector>

#include "neurarium/core/errors.hpp"

namespace neurarium {

class Tape {
 public:
  /// The slot of type Cache, made on first use. A layer writes it in forward …
  template <class Cache>
  Cache& cache() {
    if (!slot_ || slot_->type() != typeid(Cache)) slot_ = std::make_unique<Slot<Cache>>();
    return static_cast<Slot<Cache>&>(*slot_).value;
  }
  /// … and reads it in backward.
  template <class Cache>
  const Cache& cache() const {
    if (!slot_ || slot_->type() != typeid(Cache)) throw InternalError("backward before forward");
    return static_cast<const Slot<Cache>&>(*slot_).value;
  }

 private:
  struct AnySlot {
    virtual ~AnySlot() = default;
    virtual const std::type_info& type() const noexcept = 0;
  };
  template <class Cache>
  struct Slot : AnySlot {
    const std::type_info& type() const noexcept override { return typeid(Cache); }
    Cache value;
  };
  std::unique_ptr<AnySlot> slot_;
};

}  // namespace neurarium
