config=/boot/firmware/config.txt
if [ ! -f "$config" ]; then
	config=/boot/config.txt
	touch /boot/config.txt
fi
echo "gpu_mem=16" >> "$config"
