// RUN: nncc-opt %s --kernel-fuse --split-input-file | FileCheck %s

// The pool and the relu behind a convolution become its epilogue, the rescaling of the pixels
// its prologue; only the pooled map and its workspace leave the kernel, as results.
// CHECK-LABEL: nn.program @forward
// CHECK:         [[W:%.+]] = nn.read @c.kernel
// CHECK:         kernel.fused "rescale+conv2d+max_pool2d+relu" (%arg0, [[W]])
// CHECK-SAME:      (tensor<4x6x6x2xui8>, tensor<3x3x2x8xf32>) -> tensor<4x2x2x8xf32>
// CHECK:           nn.rescale
// CHECK:           nn.conv2d
// CHECK:           nn.max_pool2d
// CHECK:           nn.relu
// CHECK-NEXT:      kernel.yield
// CHECK-NOT:     nn.conv2d
// CHECK:         return
nn.program @forward attributes {batch = 4 : i64, layers = [], train = {}, data = {}} {
  nn.parameter @c.kernel : tensor<3x3x2x8xf32> {initializer = {name = "zeros"}, fan_in = 18 : i64, fan_out = 72 : i64}
  func.func @predict(%x: tensor<4x6x6x2xui8> {nn.role = "input", nn.name = "x"}) -> (tensor<4x2x2x8xf32> {nn.name = "y"}) attributes {nn.entry = "predict"} {
    %0 = nn.rescale %x {scale = 1.0, offset = 0.0, type = f32} : tensor<4x6x6x2xui8> -> tensor<4x6x6x2xf32>
    %w = nn.read @c.kernel : tensor<3x3x2x8xf32>
    %1 = nn.conv2d %0, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : tensor<4x6x6x2xf32>, tensor<3x3x2x8xf32> -> tensor<4x4x4x8xf32>
    %2:2 = nn.max_pool2d %1 {pool_size = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>} : tensor<4x4x4x8xf32> -> tensor<4x2x2x8xf32>, tensor<4x2x2x8xui8>
    %3 = nn.relu %2#0 : tensor<4x2x2x8xf32>
    return %3 : tensor<4x2x2x8xf32>
  }
}

// -----

// Both convolutions of a sum are anchors: the sum goes to the first that can take it and reads
// the other's result. A value with two readers is stored.
// CHECK-LABEL: nn.program @skip
// CHECK:         [[A:%.+]] = kernel.fused "dense+relu"
// CHECK:         [[B:%.+]] = kernel.fused "dense" ([[A]]
// CHECK:         kernel.fused "dense+add" ([[A]], {{.+}}, [[B]])
nn.program @skip attributes {batch = 4 : i64, layers = [], train = {}, data = {}} {
  nn.parameter @d.kernel : tensor<8x8xf32> {initializer = {name = "zeros"}, fan_in = 8 : i64, fan_out = 8 : i64}
  func.func @predict(%x: tensor<4x8xf32> {nn.role = "input", nn.name = "x"}) -> (tensor<4x8xf32> {nn.name = "y"}) attributes {nn.entry = "predict"} {
    %w = nn.read @d.kernel : tensor<8x8xf32>
    %0 = nn.dense %x, %w : tensor<4x8xf32>, tensor<8x8xf32> -> tensor<4x8xf32>
    %1 = nn.relu %0 : tensor<4x8xf32>
    %2 = nn.dense %1, %w : tensor<4x8xf32>, tensor<8x8xf32> -> tensor<4x8xf32>
    %3 = nn.dense %1, %w : tensor<4x8xf32>, tensor<8x8xf32> -> tensor<4x8xf32>
    %4 = nn.add %2, %3 : tensor<4x8xf32>
    return %4 : tensor<4x8xf32>
  }
}

// -----

// Sums over samples have a copy a lane outside of their kernel, and are added up where they
// are read; the update overwrites what it reads.
// CHECK-LABEL: nn.program @update
// CHECK:         [[W:%.+]] = nn.read @d.kernel
// CHECK:         [[SUMS:%.+]] = kernel.fused "dense_bwd_weights"
// CHECK-SAME:      accumulates = array<i1: true>
// CHECK-SAME:      -> tensor<2x3x5xf32>
// CHECK:         [[NEW:%.+]]:3 = kernel.fused "adam_update" ([[W]], [[SUMS]],
// CHECK-SAME:      in_place = array<i64: 0, 2, 3>
// CHECK:           nn.sum_lanes {{.+}} : tensor<2x3x5xf32> -> tensor<3x5xf32>
// CHECK:         nn.write @d.kernel, [[NEW]]#0
nn.program @update attributes {batch = 4 : i64, lanes = 2 : i64, layers = [], train = {}, data = {}} {
  nn.parameter @d.kernel : tensor<3x5xf32> {initializer = {name = "zeros"}, fan_in = 3 : i64, fan_out = 5 : i64}
  nn.slot @m : tensor<3x5xf32>
  nn.slot @v : tensor<3x5xf32>
  func.func @train_step(%x: tensor<4x3xf32> {nn.role = "input", nn.name = "x"}, %d: tensor<4x5xf32> {nn.role = "target", nn.name = "d"}, %lr: tensor<f64> {nn.role = "learning_rate"}, %t: tensor<i64> {nn.role = "iteration"}) attributes {nn.entry = "train_step"} {
    %w = nn.read @d.kernel : tensor<3x5xf32>
    %dw, %db = nn.dense_bwd_weights %x, %d : tensor<4x3xf32>, tensor<4x5xf32> -> tensor<3x5xf32>, tensor<5xf32>
    %m = nn.read @m : tensor<3x5xf32>
    %v = nn.read @v : tensor<3x5xf32>
    %p1, %m1, %v1 = nn.adam_update %w, %dw, %m, %v, %lr, %t {beta_1 = 0.9 : f64, beta_2 = 0.99 : f64, epsilon = 1.0e-7 : f64} : tensor<3x5xf32>, tensor<f64>, tensor<i64>
    nn.write @d.kernel, %p1 : tensor<3x5xf32>
    nn.write @m, %m1 : tensor<3x5xf32>
    nn.write @v, %v1 : tensor<3x5xf32>
    return
  }
}

// -----

// An activation whose gradient reads what it was computed of stays in the kernel of the sums, which
// then stores both. A pool does not join sums that are stored: it has a kernel of its own.
// CHECK-LABEL: nn.program @saved
// CHECK:         [[A:%.+]]:2 = kernel.fused "conv2d+gelu"
// CHECK:         [[P:%.+]] = kernel.fused "avg_pool2d" ([[A]]#1)
// CHECK:         kernel.fused "avg_pool2d_bwd+gelu_bwd" (%arg1, [[A]]#0)
nn.program @saved attributes {batch = 4 : i64, layers = [], train = {}, data = {}} {
  nn.parameter @c.kernel : tensor<3x3x2x8xf32> {initializer = {name = "zeros"}, fan_in = 18 : i64, fan_out = 72 : i64}
  func.func @train_step(%x: tensor<4x6x6x2xf32> {nn.role = "input", nn.name = "x"}, %d: tensor<4x2x2x8xf32> {nn.role = "target", nn.name = "d"}) -> (tensor<4x2x2x8xf32>, tensor<4x4x4x8xf32>) attributes {nn.entry = "train_step"} {
    %w = nn.read @c.kernel : tensor<3x3x2x8xf32>
    %1 = nn.conv2d %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : tensor<4x6x6x2xf32>, tensor<3x3x2x8xf32> -> tensor<4x4x4x8xf32>
    %2 = nn.gelu %1 : tensor<4x4x4x8xf32>
    %3 = nn.avg_pool2d %2 {pool_size = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>} : tensor<4x4x4x8xf32> -> tensor<4x2x2x8xf32>
    %4 = nn.avg_pool2d_bwd %d {src_size = array<i64: 4, 4>, pool_size = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>} : tensor<4x2x2x8xf32> -> tensor<4x4x4x8xf32>
    %5 = nn.gelu_bwd %1, %4 : tensor<4x4x4x8xf32>
    return %3, %5 : tensor<4x2x2x8xf32>, tensor<4x4x4x8xf32>
  }
}

// -----

// Without anybody else that reads the sums a small mean is computed of them where they are, a
// large one in a kernel of its own. A value that is read in between keeps its kernel.
// CHECK-LABEL: nn.program @means
// CHECK:         [[A:%.+]] = kernel.fused "conv2d+tanh+avg_pool2d"
// CHECK:         [[B:%.+]] = kernel.fused "conv2d" ([[A]]
// CHECK:         kernel.fused "concatenate" ([[B]], [[A]])
// CHECK:         kernel.fused "relu+avg_pool2d" ([[B]])
nn.program @means attributes {batch = 4 : i64, layers = [], train = {}, data = {}} {
  nn.parameter @c.kernel : tensor<1x1x8x8xf32> {initializer = {name = "zeros"}, fan_in = 8 : i64, fan_out = 8 : i64}
  func.func @predict(%x: tensor<4x12x12x8xf32> {nn.role = "input", nn.name = "x"}) -> (tensor<4x6x6x16xf32>, tensor<4x1x1x8xf32>) attributes {nn.entry = "predict"} {
    %w = nn.read @c.kernel : tensor<1x1x8x8xf32>
    %1 = nn.conv2d %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : tensor<4x12x12x8xf32>, tensor<1x1x8x8xf32> -> tensor<4x12x12x8xf32>
    %2 = nn.tanh %1 : tensor<4x12x12x8xf32>
    %3 = nn.avg_pool2d %2 {pool_size = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>} : tensor<4x12x12x8xf32> -> tensor<4x6x6x8xf32>
    %4 = nn.conv2d %3, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : tensor<4x6x6x8xf32>, tensor<1x1x8x8xf32> -> tensor<4x6x6x8xf32>
    %5 = nn.concatenate %4, %3 {axis = 3} : tensor<4x6x6x8xf32>, tensor<4x6x6x8xf32> -> tensor<4x6x6x16xf32>
    %6 = nn.relu %4 : tensor<4x6x6x8xf32>
    %7 = nn.avg_pool2d %6 {pool_size = array<i64: 6, 6>, strides = array<i64: 6, 6>, pads = array<i64: 0, 0, 0, 0>} : tensor<4x6x6x8xf32> -> tensor<4x1x1x8xf32>
    return %5, %7 : tensor<4x6x6x16xf32>, tensor<4x1x1x8xf32>
  }
}

// -----

// Sums over samples that are read under another shape lie lane by lane all the same: who reads
// the view adds them up and sees the sum so; what is returned gets a kernel to do it in.
// CHECK-LABEL: nn.program @viewed
// CHECK:         [[SUMS:%.+]] = kernel.fused "conv2d_bwd_weights"
// CHECK-SAME:      -> tensor<2x3x1x2x4xf32>
// CHECK:         kernel.fused "reshape+rescale" ([[SUMS]])
// CHECK:           [[SUM:%.+]] = nn.sum_lanes {{.+}} : tensor<2x3x1x2x4xf32> -> tensor<3x1x2x4xf32>
// CHECK-NEXT:      nn.reshape [[SUM]] : tensor<3x1x2x4xf32> -> tensor<3x2x4xf32>
// CHECK-NOT:     nn.reshape
nn.program @viewed attributes {batch = 4 : i64, lanes = 2 : i64, layers = [], train = {}, data = {}} {
  func.func @gradients(%x: tensor<4x8x1x2xf32> {nn.role = "input", nn.name = "x"}, %d: tensor<4x6x1x4xf32> {nn.role = "input", nn.name = "d"}) -> (tensor<3x2x4xf32> {nn.name = "w"}) attributes {nn.entry = "gradients"} {
    %w, %b = nn.conv2d_bwd_weights %x, %d {kernel_size = array<i64: 3, 1>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : tensor<4x8x1x2xf32>, tensor<4x6x1x4xf32> -> tensor<3x1x2x4xf32>, tensor<4xf32>
    %0 = nn.reshape %w : tensor<3x1x2x4xf32> -> tensor<3x2x4xf32>
    return %0 : tensor<3x2x4xf32>
  }
}

// -----

// What is returned twice, if only as a view of itself, has a place for each.
// CHECK-LABEL: nn.program @twice
// CHECK:         [[A:%.+]] = kernel.fused "relu"
// CHECK:         [[VIEW:%.+]] = nn.reshape [[A]]
// CHECK:         [[COPY:%.+]] = kernel.fused "rescale" ([[VIEW]])
// CHECK:         return [[A]], [[COPY]] : tensor<4x2x4xf32>, tensor<4x8xf32>
nn.program @twice attributes {batch = 4 : i64, layers = [], train = {}, data = {}} {
  func.func @predict(%x: tensor<4x2x4xf32> {nn.role = "input", nn.name = "x"}) -> (tensor<4x2x4xf32> {nn.name = "y"}, tensor<4x8xf32> {nn.name = "z"}) attributes {nn.entry = "predict"} {
    %0 = nn.relu %x : tensor<4x2x4xf32>
    %1 = nn.reshape %0 : tensor<4x2x4xf32> -> tensor<4x8xf32>
    return %0, %1 : tensor<4x2x4xf32>, tensor<4x8xf32>
  }
}
