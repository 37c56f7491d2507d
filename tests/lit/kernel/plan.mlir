// RUN: nncc-opt %s --kernel-fuse --kernel-stage --kernel-plan=cache-bytes=2048 | FileCheck %s

// A chain of four: the third result takes the first one's place in the worker's memory, which
// nobody reads any more; the last goes to the caller's output. A slice is what fits into half
// of the cache: 1024 bytes hold 64 + 64 bytes of input and result for 8 samples, but a lane has
// only 2.
// CHECK-LABEL: func.func @predict
// CHECK-SAME:    kernel.arena_bytes = 0 : i64
// CHECK-SAME:    kernel.worker_bytes = 256 : i64
// CHECK:         kernel.stage samples tasks 8 {slice = 2 : i64}
// CHECK:         kernel.fused "dense"{{.+}} buffers = [#kernel.buffer<worker, 0, 128>]
// CHECK:         kernel.fused "dense"{{.+}} buffers = [#kernel.buffer<worker, 128, 128>]
// CHECK:         kernel.fused "dense"{{.+}} buffers = [#kernel.buffer<worker, 0, 128>]
// CHECK:         kernel.fused "dense"{{.+}} buffers = [#kernel.buffer<output, 0, 1024>]
nn.program @p attributes {batch = 16 : i64, layers = [], train = {}, data = {}} {
  nn.parameter @d.kernel : tensor<16x16xf32> {initializer = {name = "zeros"}, fan_in = 16 : i64, fan_out = 16 : i64}
  func.func @predict(%x: tensor<16x16xf32> {nn.role = "input", nn.name = "x"}) -> (tensor<16x16xf32> {nn.name = "y"}) attributes {nn.entry = "predict"} {
    %w = nn.read @d.kernel : tensor<16x16xf32>
    %0 = nn.dense %x, %w : tensor<16x16xf32>, tensor<16x16xf32> -> tensor<16x16xf32>
    %1 = nn.dense %0, %w : tensor<16x16xf32>, tensor<16x16xf32> -> tensor<16x16xf32>
    %2 = nn.dense %1, %w : tensor<16x16xf32>, tensor<16x16xf32> -> tensor<16x16xf32>
    %3 = nn.dense %2, %w : tensor<16x16xf32>, tensor<16x16xf32> -> tensor<16x16xf32>
    return %3 : tensor<16x16xf32>
  }
}
