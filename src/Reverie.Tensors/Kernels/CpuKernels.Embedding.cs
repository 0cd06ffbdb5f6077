using System.Runtime.CompilerServices;
using Reverie.Tensors.Kernels;

namespace Reverie.Tensors;

public sealed unsafe partial class CpuKernels
{
    /// <inheritdoc/>
    public void Embed(Tensor table, ReadOnlySpan<int> tokens, Tensor output)
    {
        if (table.Stored is { } stored)
        {
            for (int i = 0; i < tokens.Length; i++) stored.Expand(tokens[i], output.Row(i));
            return;
        }

        int rows = RowsOfPiece(table.Columns);
        fixed (int* ids = tokens)
            _pool.Run(new EmbedJob(table.Pointer, ids, output.Pointer, table.Columns, tokens.Length, rows), Pieces(tokens.Length, rows));
    }

    /// <inheritdoc/>
    public void EmbedBackward(Tensor outputGradient, ReadOnlySpan<int> tokens, Tensor tableGradient)
    {
        // Tokens repeat, so rows cannot be split without two threads meeting in one; columns can, by whole cache lines.
        int lines = Pieces(tableGradient.Columns, 16);
        int pieces = (long)tokens.Length * tableGradient.Columns < MapBlocks<AddMap>.BlockElements ? 1 : Math.Clamp(lines, 1, Threads);
        fixed (int* ids = tokens)
            Run(new EmbedBackwardJob(outputGradient.Pointer, ids, tableGradient.Pointer, tableGradient.Columns, tokens.Length, lines, pieces), pieces);
    }

    private readonly struct EmbedJob(float* table, int* tokens, float* output, int columns, int count, int rows) : IJob
    {
        public void Execute(int index)
        {
            long bytes = (long)columns * sizeof(float);
            for (long i = (long)index * rows, end = Math.Min(i + rows, count); i < end; i++)
                Buffer.MemoryCopy(table + (long)tokens[i] * columns, output + i * columns, bytes, bytes);
        }
    }

    private readonly struct EmbedBackwardJob(float* outputGradient, int* tokens, float* tableGradient, int columns, int count, int lines, int pieces) : IVectorJob
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Execute<TVector, TSimd>(int index) where TVector : unmanaged where TSimd : ISimd<TVector>
        {
            int first = (int)((long)index * lines / pieces * 16), end = Math.Min((int)((index + 1L) * lines / pieces * 16), columns);
            for (int i = 0; i < count; i++)
            {
                float* source = outputGradient + (long)i * columns, target = tableGradient + (long)tokens[i] * columns;
                int c = first;
                for (; c <= end - TSimd.Width; c += TSimd.Width) TSimd.Store(target + c, TSimd.Add(TSimd.Load(target + c), TSimd.Load(source + c)));
                if (c < end) TSimd.StorePart(target + c, TSimd.Add(TSimd.LoadPart(target + c, end - c), TSimd.LoadPart(source + c, end - c)), end - c);
            }
        }
    }
}
