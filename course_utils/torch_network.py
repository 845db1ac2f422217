"""A Keras network's layers as PyTorch modules, so that PyTorch can train it.

PyTorch with channels last gets through more images a second than Keras on TensorFlow does;
`tools/benchmark_training.py` measures it.
"""

import math

import keras
import numpy as np
import torch
from keras import layers
from torch import nn
from torch.nn import functional


class TorchNetwork(nn.Module):
    """A Keras network's layers as PyTorch modules, with its weights.

    It reads float32 (n, 1, height, width) and returns logits (n, 7).

    Raises:
        ValueError: the network has a kind of layer that is not known here.
    """

    def __init__(self, model: keras.Model) -> None:
        super().__init__()
        self.parts = nn.ModuleList([_as_module(layer) for layer in model.layers])
        # What each layer reads and makes, by name.
        self.wiring = [(_names(layer.input), _names(layer.output)[0]) for layer in model.layers]
        self.copy_from(model)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Run each layer on the outputs of those before it."""
        values = {self.wiring[0][1]: images}
        for part, (read, made) in list(zip(self.parts, self.wiring, strict=True))[1:]:
            values[made] = part(*(values[name] for name in read))
        return values[self.wiring[-1][1]]

    def copy_from(self, model: keras.Model) -> None:
        """Take over the weights of a Keras network of the same layers."""
        with torch.no_grad():
            for part, layer in zip(self.parts, model.layers, strict=True):
                for tensor, array in zip(_weights(part), layer.get_weights(), strict=False):
                    tensor.copy_(torch.from_numpy(_to_torch_order(array, part)))

    def copy_to(self, model: keras.Model) -> None:
        """Give the weights to a Keras network of the same layers."""
        for part, layer in zip(self.parts, model.layers, strict=True):
            arrays = [_to_keras_order(tensor.detach().numpy(), part) for tensor in _weights(part)]
            # What else a layer has, such as dropout's state of chance, stays as it is.
            layer.set_weights([*arrays, *layer.get_weights()[len(arrays) :]])


def _weights(part: nn.Module) -> list[torch.Tensor]:
    if isinstance(part, nn.BatchNorm2d | nn.BatchNorm1d):
        tensors = [part.weight, part.bias, part.running_mean, part.running_var]
    elif isinstance(part, nn.Conv2d | nn.Linear):
        tensors = [part.weight, part.bias]
    else:
        return []
    return [tensor for tensor in tensors if tensor is not None]


def _names(tensors: keras.KerasTensor | list[keras.KerasTensor]) -> list[str]:
    return [tensor.name for tensor in (tensors if isinstance(tensors, list) else [tensors])]


class _SameConvolution(nn.Conv2d):
    """A convolution that pads as TensorFlow's "same" does: one more on the right and below."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        before, after = [], []
        for size, kernel, stride in zip(images.shape[2:], self.kernel_size, self.stride):
            total = max((math.ceil(size / stride) - 1) * stride + kernel - size, 0)
            before.append(total // 2)
            after.append(total - total // 2)
        if before == after:
            return functional.conv2d(
                images, self.weight, self.bias, self.stride, before, groups=self.groups
            )
        padded = functional.pad(images, (before[1], after[1], before[0], after[0]))
        return functional.conv2d(padded, self.weight, self.bias, self.stride, groups=self.groups)


class _Add(nn.Module):
    def forward(self, first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
        return first + second


class _Multiply(nn.Module):
    def forward(self, first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
        return first * second


class _GlobalAverage(nn.Module):
    def __init__(self, keepdims: bool) -> None:
        super().__init__()
        self.keepdims = keepdims

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return images.mean((2, 3), keepdim=self.keepdims)


class _Standardise(nn.Module):
    """Brings each image to mean 0 and spread 1, as a layer normalisation without weights does."""

    def __init__(self, epsilon: float) -> None:
        super().__init__()
        self.epsilon = epsilon

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return functional.layer_norm(images, images.shape[1:], eps=self.epsilon)


class _Flatten(nn.Module):
    """Flattens with the channels last, as Keras does."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return images.permute(0, 2, 3, 1).flatten(1)


def _as_module(layer: layers.Layer) -> nn.Module:
    if isinstance(layer, layers.Conv2D | layers.DepthwiseConv2D):
        return _as_convolution(layer)
    if isinstance(layer, layers.Dense):
        inputs, outputs = layer.kernel.shape
        return nn.Linear(inputs, outputs, bias=layer.use_bias)
    if isinstance(layer, layers.BatchNormalization):
        kind = nn.BatchNorm2d if len(layer.input.shape) == 4 else nn.BatchNorm1d
        return kind(layer.input.shape[-1], eps=layer.epsilon, momentum=1 - layer.momentum)
    if _is_standardisation(layer):
        return _Standardise(layer.epsilon)
    if isinstance(layer, layers.Activation):
        return _ACTIVATIONS[layer.activation.__name__]()
    if isinstance(layer, layers.Dropout):
        return nn.Dropout(layer.rate)
    if isinstance(layer, layers.AveragePooling2D):
        return nn.AvgPool2d(layer.pool_size)
    if isinstance(layer, layers.MaxPooling2D):
        return nn.MaxPool2d(layer.pool_size)
    if isinstance(layer, layers.GlobalAveragePooling2D):
        return _GlobalAverage(layer.keepdims)
    for kind_in_keras, kind_here in _SIMPLE_KINDS.items():
        if isinstance(layer, kind_in_keras):
            return kind_here()
    raise ValueError(f"A layer of the kind {type(layer).__name__} has no copy in PyTorch here.")


def _is_standardisation(layer: layers.Layer) -> bool:
    return (
        isinstance(layer, layers.LayerNormalization)
        and list(layer.axis) == [1, 2, 3]
        and not layer.weights
    )


_ACTIVATIONS = {"relu": nn.ReLU, "sigmoid": nn.Sigmoid}
_SIMPLE_KINDS = {
    layers.InputLayer: nn.Identity,
    layers.Add: _Add,
    layers.Multiply: _Multiply,
    layers.Flatten: _Flatten,
}


def _as_convolution(layer: layers.Layer) -> nn.Module:
    kind = _SameConvolution if layer.padding == "same" else nn.Conv2d
    inputs = layer.input.shape[-1]
    is_depthwise = isinstance(layer, layers.DepthwiseConv2D)
    return kind(
        inputs,
        inputs if is_depthwise else layer.filters,
        layer.kernel_size,
        layer.strides,
        groups=inputs if is_depthwise else 1,
        bias=layer.use_bias,
    )


# Keras: rows, columns, inputs, outputs. PyTorch: outputs, inputs, rows, columns. A depthwise kernel
# has its one output for each input last in Keras, and inputs for outputs in PyTorch.
def _to_torch_order(array: np.ndarray, part: nn.Module) -> np.ndarray:
    orders = {4: (2, 3, 0, 1) if _is_depthwise(part) else (3, 2, 0, 1), 2: (1, 0), 1: (0,)}
    return np.ascontiguousarray(array.transpose(orders[array.ndim]))


def _to_keras_order(array: np.ndarray, part: nn.Module) -> np.ndarray:
    orders = {4: (2, 3, 0, 1) if _is_depthwise(part) else (2, 3, 1, 0), 2: (1, 0), 1: (0,)}
    return np.ascontiguousarray(array.transpose(orders[array.ndim]))


def _is_depthwise(part: nn.Module) -> bool:
    return isinstance(part, nn.Conv2d) and part.groups > 1
