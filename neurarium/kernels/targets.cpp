#include "neurarium/kernels/targets.hpp"

#include <hwy/highway.h>
#include <hwy/targets.h>
#include <atomic>
#include <dnnl.hpp>

namespace neurarium::kernels {
namespace {

// Asking the processor takes a microsecond, and on a virtual machine fifty: once, and again when a test forces a target.
std::atomic<std::int64_t>& supported_targets() {
  static std::atomic<std::int64_t> targets{hwy::SupportedTargets()};
  return targets;
}

const char* onednn_name() {
  switch (dnnl::get_effective_cpu_isa()) {
    case dnnl::cpu_isa::sse41: return "sse41";
    case dnnl::cpu_isa::avx: return "avx";
    case dnnl::cpu_isa::avx2: return "avx2";
    case dnnl::cpu_isa::avx2_vnni: return "avx2_vnni";
    case dnnl::cpu_isa::avx512_core: return "avx512_core";
    case dnnl::cpu_isa::avx512_core_vnni: return "avx512_core_vnni";
    case dnnl::cpu_isa::avx512_core_bf16: return "avx512_core_bf16";
    case dnnl::cpu_isa::avx512_core_amx: return "avx512_core_amx";
    default: return "other";
  }
}

const char* eigen_name() {
  switch (double_product_target()) {
    case DoubleTarget::avx512: return "avx512";
    case DoubleTarget::avx2: return "avx2";
    default: return "baseline";
  }
}

}  // namespace

DoubleTarget double_product_target() {
#if defined(__x86_64__)
  const std::int64_t supported = supported_targets();
  if (supported & HWY_AVX3) return DoubleTarget::avx512;
  if (supported & HWY_AVX2) return DoubleTarget::avx2;
#endif
  return DoubleTarget::baseline;
}

std::vector<std::int64_t> runnable_targets() {
  std::vector<std::int64_t> targets;
  for (std::int64_t bits = supported_targets() & HWY_TARGETS; bits != 0; bits &= bits - 1)
    targets.push_back(bits & -bits);
  return targets;
}

std::string active_instruction_set() {
  const auto targets = runnable_targets();
  const std::string best = targets.empty() ? "scalar" : hwy::TargetName(targets.front());
  return "highway:" + best + " onednn:" + onednn_name() + " eigen:" + eigen_name();
}

void force_target(std::int64_t target) {
  hwy::SetSupportedTargetsForTest(target);
  supported_targets() = hwy::SupportedTargets();
  hwy::GetChosenTarget().Update(supported_targets());
}

}  // namespace neurarium::kernels
