pip3 install flask
