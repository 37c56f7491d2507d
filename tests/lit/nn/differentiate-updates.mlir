// RUN: nncc-opt %s --canonicalize --nn-differentiate --canonicalize --cse --split-input-file | FileCheck %s
// RUN: nncc-opt %s --canonicalize --nn-differentiate=gradients --canonicalize --cse --split-input-file | FileCheck %s --check-prefix=GRADIENTS

// Everything between a gradient and its update, in Keras's order: the penalty, the mean over the
// steps, clipping, the update with its share of the rate, the average. Two entries: the step that
// updates, and the one for those before it, which only add up.
// CHECK-LABEL: nn.program @all
// CHECK:         nn.slot @accumulated.w : tensor<3x2xf32>
// CHECK:         nn.slot @adagrad.accumulator.w : tensor<3x2xf32> {initial = 1.000000e-01 : f64}
// CHECK:         nn.slot @ema.w : tensor<3x2xf32>
// CHECK-NOT:     nn.slot
// CHECK:       func.func @train_step
// CHECK-SAME:    [[RATE:%[a-z0-9]+]]: tensor<f64> {nn.role = "learning_rate"}, [[UPDATE:%[a-z0-9]+]]: tensor<i64> {nn.role = "update"})
// CHECK:         [[W:%.+]] = nn.read @w
// CHECK:         %diff_weights, %{{.+}} = nn.dense_bwd_weights
// CHECK:         [[PENALIZED:%.+]] = nn.regularize %diff_weights, {{%.+}} {l1 = 0.000000e+00 : f64, l2 = 5.000000e-01 : f64}
// CHECK:         [[BEFORE:%.+]] = nn.read @accumulated.w
// CHECK:         [[SUM:%.+]] = nn.add [[BEFORE]], [[PENALIZED]]
// CHECK:         [[MEAN:%.+]] = nn.rescale [[SUM]] {offset = 0.000000e+00 : f64, scale = 2.500000e-01 : f64
// CHECK:         [[SQUARES:%.+]] = nn.sum_of_squares [[MEAN]]
// CHECK:         [[SCALE:%.+]] = nn.clip_scale [[SQUARES]] {limit = 2.000000e+00 : f64}
// CHECK:         [[CLIPPED:%.+]] = nn.scale_by [[MEAN]], [[SCALE]]
// CHECK:         [[OWN:%.+]] = nn.rescale [[RATE]] {offset = 0.000000e+00 : f64, scale = 1.000000e-01 : f64
// CHECK:         [[NEW:%.+]], %new_slots = nn.adagrad_update {{%.+}}, [[CLIPPED]], {{%.+}}, [[OWN]]
// CHECK:         nn.write @w, [[NEW]]
// CHECK:         nn.write @adagrad.accumulator.w, %new_slots
// CHECK:         [[AVERAGE:%.+]] = nn.ema_update [[NEW]], {{%.+}}, [[UPDATE]] {decay = 9.000000e-01 : f64}
// CHECK:         nn.write @ema.w, [[AVERAGE]]
// CHECK:       func.func @accumulate
// CHECK-SAME:    [[ITERATION:%[a-z0-9]+]]: tensor<i64> {nn.role = "iteration"})
// CHECK:         [[PENALIZED:%.+]] = nn.regularize
// CHECK:         [[BEFORE:%.+]] = nn.read @accumulated.w
// CHECK:         [[SUM:%.+]] = nn.accumulate [[PENALIZED]], [[BEFORE]], [[ITERATION]] {steps = 4 : i64}
// CHECK:         nn.write @accumulated.w, [[SUM]]
// CHECK-NOT:     nn.write

// GRADIENTS-LABEL: nn.program @all
// GRADIENTS-NOT:     nn.slot
// GRADIENTS:         [[PENALIZED:%.+]] = nn.regularize
// GRADIENTS-NOT:     nn.rescale
// GRADIENTS:         return {{%.+}}, [[PENALIZED]]
nn.program @all attributes {batch = 4 : i64, layers = [], data = {},
    train = {optimizer = {name = "adagrad", learning_rate = 0.001, initial_accumulator_value = 0.1, epsilon = 1.0e-7, global_clipnorm = 2.0},
             gradient_accumulation_steps = 4 : i64, ema = {name = "ema", decay = 0.9}}} {
  nn.parameter @w : tensor<3x2xf32> {initializer = {name = "zeros"}, fan_in = 3 : i64, fan_out = 2 : i64, l2 = 0.5 : f64, rate_multiplier = 0.1 : f64}
  func.func @evaluate(%x: tensor<4x3xf32> {nn.role = "input", nn.name = "x"}, %labels: tensor<4xi32> {nn.role = "target"})
      -> (tensor<4xf32> {nn.name = "loss"}) attributes {nn.entry = "evaluate"} {
    %w = nn.read @w : tensor<3x2xf32>
    %0 = nn.dense %x, %w : tensor<4x3xf32>, tensor<3x2xf32> -> tensor<4x2xf32>
    %1 = nn.sparse_softmax_cross_entropy %0, %labels : tensor<4x2xf32>, tensor<4xi32> -> tensor<4xf32>
    return %1 : tensor<4xf32>
  }
}
