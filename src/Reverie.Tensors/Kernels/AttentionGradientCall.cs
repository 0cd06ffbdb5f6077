namespace Reverie.Tensors.Kernels;

/// <summary>What the backward pass of attention needs beside the call itself.</summary>
internal unsafe struct AttentionGradientCall
{
    public AttentionCall Forward;
    public float* OutputGradient, ProjectionGradient;

    /// <summary>For each piece the gradients of the query gain and the key gain, 2 HeadDimension floats.</summary>
    public float* GainGradients;
}
