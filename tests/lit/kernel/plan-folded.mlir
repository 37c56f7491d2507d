// RUN: nncc-opt %s --kernel-plan | FileCheck %s

// Four steps folded into the samples: a slice of 2 samples is one of 8 rows of 64 bytes, in scratch too.
// CHECK-LABEL: nn.program @folded
// CHECK:         kernel.stage samples tasks 8 {slice = 2 : i64}
// CHECK:         kernel.fused "dense"{{.+}} buffers = [#kernel.buffer<worker, 0, 512>]
// CHECK-SAME:      scratch_buffers = [#kernel.buffer<worker, 512, 256>]
// CHECK:         kernel.fused "relu"{{.+}} buffers = [#kernel.buffer<output, 0, 4096>]
nn.program @folded attributes {batch = 16 : i64, layers = [], train = {}, data = {}} {
  func.func @predict(%x: tensor<16x4x16xf32> {nn.role = "input", nn.name = "x"}) -> (tensor<16x64xf32> {nn.name = "y"}) attributes {nn.entry = "predict"} {
    kernel.stage samples tasks 8
    %0 = nn.reshape %x : tensor<16x4x16xf32> -> tensor<64x16xf32>
    %1 = kernel.fused "dense" (%0) attributes {sliced_inputs = array<i1: true>, sliced_results = array<i1: true>, accumulates = array<i1: false>, in_place = array<i64: -1>, scratch = [tensor<64x8xf32>], sliced_scratch = array<i1: true>, kept_scratch = array<i1: false>} : (tensor<64x16xf32>) -> tensor<64x16xf32> {
    ^bb0(%a: tensor<64x16xf32>):
      %2 = nn.relu %a : tensor<64x16xf32>
      kernel.yield %2 : tensor<64x16xf32>
    }
    %3 = nn.reshape %1 : tensor<64x16xf32> -> tensor<16x64xf32>
    %4 = kernel.fused "relu" (%3) attributes {sliced_inputs = array<i1: true>, sliced_results = array<i1: true>, accumulates = array<i1: false>, in_place = array<i64: -1>} : (tensor<16x64xf32>) -> tensor<16x64xf32> {
    ^bb0(%a: tensor<16x64xf32>):
      %5 = nn.relu %a : tensor<16x64xf32>
      kernel.yield %5 : tensor<16x64xf32>
    }
    return %4 : tensor<16x64xf32>
  }
}
