// RUN: nncc-opt %s --kernel-fuse --kernel-stage --kernel-plan=cache-bytes=262144 | FileCheck %s
// RUN: nncc-opt %s --kernel-fuse --kernel-stage --kernel-plan=cache-bytes=16777216 | FileCheck %s --check-prefix=LARGE

// A pool of large samples, of which the cache holds one or two, and a product with more weights than it
// holds: each has slices of its own, eight samples being a lane's share. What the pool hands on is kept
// for all of them; what the product hands on, for the slice.
// CHECK:      kernel.stage samples tasks 8 {slice = 2 : i64}
// CHECK:      kernel.fused "max_pool2d"{{.+}} buffers = [#kernel.buffer<task, 0, 8192>]
// CHECK:      kernel.stage samples tasks 8 {joined, slice = 8 : i64}
// CHECK:      kernel.fused "dense"{{.+}} buffers = [#kernel.buffer<worker, 8192, 32768>]
// CHECK:      kernel.fused "dense"{{.+}} buffers = [#kernel.buffer<output, 0, 65536>]
// CHECK-NOT:  kernel.stage

// LARGE:      kernel.stage samples tasks 8 {slice = 8 : i64}
// LARGE-NOT:  kernel.stage
nn.program @p attributes {batch = 64 : i64, layers = [], train = {}, data = {}} {
  nn.parameter @d.kernel : tensor<256x1024xf32> {initializer = {name = "zeros"}, fan_in = 256 : i64, fan_out = 1024 : i64}
  nn.parameter @e.kernel : tensor<1024x256xf32> {initializer = {name = "zeros"}, fan_in = 1024 : i64, fan_out = 256 : i64}
  func.func @predict(%x: tensor<64x64x64x4xf32> {nn.role = "input", nn.name = "x"}) -> (tensor<64x256xf32> {nn.name = "y"}) attributes {nn.entry = "predict"} {
    %w = nn.read @d.kernel : tensor<256x1024xf32>
    %v = nn.read @e.kernel : tensor<1024x256xf32>
    %0, %ws = nn.max_pool2d %x {pads = array<i64: 0, 0, 0, 0>, pool_size = array<i64: 8, 8>, strides = array<i64: 8, 8>} : tensor<64x64x64x4xf32> -> tensor<64x8x8x4xf32>, tensor<64x8x8x4xui8>
    %1 = nn.reshape %0 : tensor<64x8x8x4xf32> -> tensor<64x256xf32>
    %2 = nn.dense %1, %w : tensor<64x256xf32>, tensor<256x1024xf32> -> tensor<64x1024xf32>
    %3 = nn.dense %2, %v : tensor<64x1024xf32>, tensor<1024x256xf32> -> tensor<64x256xf32>
    return %3 : tensor<64x256xf32>
  }
}
